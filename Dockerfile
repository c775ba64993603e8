# Builds and runs hitstream. Build: docker build -t hitstream .
FROM rust:1.95-bookworm AS build
RUN apt-get update && apt-get install -y --no-install-recommends g++ make perl pkg-config libssl-dev && rm -rf /var/lib/apt/lists/*
WORKDIR /source
COPY Cargo.toml Cargo.lock ./
COPY src src
COPY config config
COPY tests tests
RUN cargo build --release --locked

FROM debian:bookworm-slim
RUN apt-get update && apt-get install -y --no-install-recommends ca-certificates libssl3 && rm -rf /var/lib/apt/lists/* \
    && useradd --system --create-home --home-dir /var/lib/hitstream hitstream
COPY --from=build /source/target/release/hitstream /usr/local/bin/hitstream
COPY config /etc/hitstream
USER hitstream
WORKDIR /var/lib/hitstream
ENTRYPOINT ["hitstream"]
CMD ["run", "--config", "/etc/hitstream/hitstream.toml"]
