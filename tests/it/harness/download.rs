//! Servers from Maven Central, fetched once per user and shared by all test processes.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

pub const KAFKA: &str = "4.1.1";
pub const REGISTRY: &str = "2.6.13.Final";

/// Kafka's jars and their pom, for `mvn dependency:copy-dependencies`.
const POM: &str = r#"<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>driftline</groupId><artifactId>test-kafka</artifactId><version>1</version>
  <dependencies>
    <dependency><groupId>org.apache.kafka</groupId><artifactId>kafka_2.13</artifactId><version>KAFKA</version></dependency>
    <dependency><groupId>org.slf4j</groupId><artifactId>slf4j-simple</artifactId><version>1.7.36</version></dependency>
  </dependencies>
</project>
"#;

/// The folder of Kafka's jars.
pub fn kafka() -> Result<PathBuf, String> {
    once(&format!("kafka-{KAFKA}"), |folder| {
        let pom = folder.join("pom.xml");
        std::fs::write(&pom, POM.replace("KAFKA", KAFKA)).map_err(|why| why.to_string())?;
        let into = format!("-DoutputDirectory={}", folder.display());
        run(
            "mvn",
            &[
                "-B",
                "-q",
                "-f",
                &pom.to_string_lossy(),
                "dependency:copy-dependencies",
                "-DincludeScope=runtime",
                &into,
            ],
        )
    })
}

/// The folder of Apicurio's registry.
pub fn registry() -> Result<PathBuf, String> {
    once(&format!("registry-{REGISTRY}"), |folder| {
        let artifact = format!("-Dartifact=io.apicurio:apicurio-registry-app:{REGISTRY}:tar.gz:all");
        let into = format!("-DoutputDirectory={}", folder.display());
        run("mvn", &["-B", "-q", "dependency:copy", &artifact, &into])?;
        let archive = folder.join(format!("apicurio-registry-app-{REGISTRY}-all.tar.gz"));
        run("tar", &["-xzf", &archive.to_string_lossy(), "-C", &folder.to_string_lossy()])?;
        std::fs::remove_file(archive).map_err(|why| why.to_string())
    })
}

/// The folder `name` of the cache, made by `fill` where no other process has made it or is making it.
fn once(name: &str, fill: impl FnOnce(&Path) -> Result<(), String>) -> Result<PathBuf, String> {
    run("java", &["-version"])?;
    let cache = cache();
    let complete = cache.join(name);
    let told = |what: &Path| format!("{}: ", what.display());
    std::fs::create_dir_all(&cache).map_err(|why| told(&cache) + &why.to_string())?;
    let lock = File::create(cache.join(format!("{name}.lock"))).map_err(|why| told(&cache) + &why.to_string())?;
    lock.lock().map_err(|why| told(&cache) + &why.to_string())?;
    if complete.is_dir() {
        return Ok(complete);
    }
    let partial = cache.join(format!("{name}.partial"));
    let _ = std::fs::remove_dir_all(&partial);
    std::fs::create_dir_all(&partial).map_err(|why| told(&partial) + &why.to_string())?;
    fill(&partial)?;
    std::fs::rename(&partial, &complete).map_err(|why| told(&partial) + &why.to_string())?;
    Ok(complete)
}

/// `DRIFTLINE_TEST_CACHE`, or the user's cache folder: not `target`, so that work trees share it.
fn cache() -> PathBuf {
    let folder = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    folder("DRIFTLINE_TEST_CACHE")
        .or_else(|| Some(folder("XDG_CACHE_HOME")?.join("driftline-tests")))
        .or_else(|| Some(folder("HOME")?.join(".cache/driftline-tests")))
        .unwrap_or_else(|| std::env::temp_dir().join("driftline-tests"))
}

/// Runs a command to its end.
pub fn run(program: &str, args: &[&str]) -> Result<(), String> {
    let out =
        Command::new(program).args(args).stdin(Stdio::null()).output().map_err(|why| format!("{program}: {why}"))?;
    if out.status.success() {
        return Ok(());
    }
    let said = [out.stdout, out.stderr].concat();
    let said = String::from_utf8_lossy(&said);
    Err(format!("{program} {} failed: {}", args.join(" "), said.lines().last().unwrap_or_default()))
}
