# driftline in a small image that runs as nobody in particular.
FROM rust:1-bookworm AS build
WORKDIR /src
COPY . .
RUN cargo build --release --locked --bin driftline \
    && cp target/release/driftline /usr/local/bin/ \
    && driftline --version

FROM debian:bookworm-slim
# The certificates of the public authorities, for a cluster behind TLS.
RUN apt-get update \
    && apt-get install -y --no-install-recommends ca-certificates \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --system --uid 10001 --no-create-home driftline
COPY --from=build /usr/local/bin/driftline /usr/local/bin/driftline
RUN driftline --version
USER 10001
ENTRYPOINT ["driftline"]
CMD ["run", "-c", "/etc/driftline/driftline.toml"]
