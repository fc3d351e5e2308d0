//! Pieces of one step that know nothing of each other (the trees of a forest), on as many threads as there are.
//!
//! The same bits for any number of threads: every piece is worked on by itself, writes what is its own, and whoever asked
//! takes the results together in their order.

/// Calls `work` for every item with its index: on the threads of [`over`], where the caller runs in it, or here, one after
/// the other. Handing work round costs a microsecond or two: no thread takes less than `at_least` items.
pub fn each<T: Send>(items: &mut [T], at_least: usize, work: impl Fn(usize, &mut T) + Sync) {
    each_row(items, 1, at_least, |i, row: &mut [T]| row.iter_mut().for_each(|item| work(i, item)));
}

/// As [`each`], for rows of `width` values that stand one behind the other.
pub fn each_row<T: Send>(values: &mut [T], width: usize, at_least: usize, work: impl Fn(usize, &mut [T]) + Sync) {
    let at_least = if rayon::current_thread_index().is_some() { at_least.max(1) } else { usize::MAX };
    halve(values, width.max(1), 0, at_least, &work);
}

fn halve<T, W>(values: &mut [T], width: usize, first: usize, at_least: usize, work: &W)
where
    T: Send,
    W: Fn(usize, &mut [T]) + Sync,
{
    let half = values.len() / width / 2;
    if half < at_least {
        return values.chunks_mut(width).enumerate().for_each(|(i, row)| work(first + i, row));
    }
    let (left, right) = values.split_at_mut(half * width);
    let other = first + half;
    rayon::join(|| halve(left, width, first, at_least, work), || halve(right, width, other, at_least, work));
}

/// Runs `work` with so many threads for [`each`], its own among them; with one there is nothing to share.
///
/// # Errors
///
/// Where the system gives no more threads.
pub fn over<R: Send>(threads: usize, work: impl FnOnce() -> R + Send) -> std::io::Result<R> {
    if threads < 2 {
        return Ok(work());
    }
    let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().map_err(std::io::Error::other)?;
    Ok(pool.install(work))
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::AtomicBool;
    use std::sync::atomic::Ordering::Relaxed;

    use super::*;

    #[test]
    fn every_row_is_worked_on_once_on_any_number_of_threads() {
        for threads in [1, 2, 5] {
            for (rows, width) in [(0, 3), (1, 3), (7, 1), (10, 4)] {
                let mut values = vec![0; rows * width];
                over(threads, || each_row(&mut values, width, 2, |i, row| row.iter_mut().for_each(|v| *v += i + 1)))
                    .unwrap();
                let expected: Vec<usize> = (0..rows * width).map(|at| at / width + 1).collect();
                assert_eq!(values, expected, "{rows} rows of {width} on {threads} threads");
            }
        }
    }

    #[test]
    fn several_threads_take_part() {
        let took_part = [const { AtomicBool::new(false) }; 3];
        let several = || took_part.iter().filter(|part| part.load(Relaxed)).count() > 1;
        let slowly = |_, _: &mut ()| {
            std::hint::black_box((0..20_000).map(std::hint::black_box).sum::<u64>());
            took_part[rayon::current_thread_index().unwrap()].store(true, Relaxed);
        };
        over(3, || (0..100_000).take_while(|_| !several()).for_each(|_| each(&mut [(); 64], 4, slowly))).unwrap();
        assert!(several(), "{took_part:?}");
    }
}
