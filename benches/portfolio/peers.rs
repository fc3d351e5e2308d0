//! The best single peer on each stream at full length, as measured beside this project or, where marked, as River publishes it.

/// What a peer reached: accuracy, or mean absolute error.
pub struct Peer {
    pub score: f64,
    pub name: &'static str,
    /// Rows that it was measured on; `usize::MAX` for all.
    pub rows: usize,
}

const fn all(score: f64, name: &'static str) -> Option<Peer> {
    Some(Peer { score, name, rows: usize::MAX })
}

pub fn best(stream: &str) -> Option<Peer> {
    match stream {
        "elec" => all(0.9164, "scikit-learn SGD"),
        "phishing" => all(0.9088, "River SRP-10, mean of 5 seeds"),
        "hyper" => all(0.9229, "River LR"),
        "agr_a" => all(0.8964, "River HAT"),
        "nycflights_clf" => all(0.7108, "River LR"),
        "sea_stream" => all(0.8904, "MOA ARF-10"),
        "2cdt" => all(0.9425, "MOA LB-10"),
        "interchanging_rbf" => Some(Peer { score: 0.9766, name: "MOA SRP-10", rows: 100_000 }),
        "keystroke" => all(0.9329, "MOA SRP-10"),
        "image_segments" => all(0.902, "River AMF, published"),
        "bananas" => all(0.8925, "MOA kNN"),
        "shuttle_odds" => all(0.9991, "MOA LB-10"),
        "bike" => all(61.2341, "MOA ARF-Reg-10"),
        "fried" => all(1.6665, "River HTR"),
        "trump_approval" => all(0.269, "River AMF, published"),
        "chick_weights" => all(22.169, "MOA kNN"),
        _ => None,
    }
}
