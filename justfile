# What is typed often; `just` lists it.

_list:
    @just --list --unsorted

# format, Clippy and the tests
check:
    cargo fmt --check
    cargo clippy --all-targets -- -D warnings
    cargo test

# the tests, on whatever Kafka is there
test *ARGS:
    cargo test {{ARGS}}

# the tests on Kafka on the JVM, none skipped
test-jvm *ARGS:
    DRIFTLINE_TEST_KAFKA=jvm DRIFTLINE_TEST_REQUIRE=1 cargo test {{ARGS}}

# the tests on Kafka in a container, none skipped
test-docker *ARGS:
    DRIFTLINE_TEST_KAFKA=docker DRIFTLINE_TEST_REQUIRE=1 cargo test {{ARGS}}

# everything that CI does
ci:
    bash .ci/run

# what needs no broker
bench:
    cargo bench

# `run` beside a raw loop on one broker: a HOST:PORT, or a broker of its own on the JVM; cases: json, avro, tree, default
bench-kafka KAFKA="jvm" EVENTS="1000000" CASES="json,avro":
    DRIFTLINE_BENCH_KAFKA={{KAFKA}} DRIFTLINE_BENCH_EVENTS={{EVENTS}} DRIFTLINE_BENCH_CASES={{CASES}} cargo bench --bench kafka

# beside River and MOA, which it installs: speed and accuracy on the same rows
bench-peers *ARGS:
    benches/peers/run {{ARGS}}

# the demonstration
demo *ARGS:
    cargo run --release -- demo {{ARGS}}

# licences, sources, advisories
deny:
    cargo deny check

# the documentation of the code
doc:
    RUSTDOCFLAGS="-D warnings" cargo doc --no-deps --open

# Kafka, registry and worker in containers
up:
    docker compose up --build
