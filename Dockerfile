# SPDX-License-Identifier: MIT
# The image of one service.
#
#   podman build --format docker -t quickstart .            any service of apps/: --build-arg APP=benchmark
#   podman run --read-only --tmpfs /tmp -v quickstart:/data -p 8080:8080 quickstart
#
# (--format docker keeps HEALTHCHECK, which podman's own format drops; docker build needs no such flag.)

FROM debian:bookworm-slim AS build

# node-llhttp brings the C sources of the parser, and with them Node: here only, never in the image that runs.
RUN apt-get update \
 && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends \
      g++ cmake ninja-build pkg-config libuv1-dev node-llhttp nlohmann-json3-dev libspdlog-dev libcli11-dev \
      libcurl4-openssl-dev libsimdjson-dev libre2-dev libsqlite3-dev libssl-dev zlib1g-dev libbrotli-dev \
      libzstd-dev libxxhash-dev \
 && rm -rf /var/lib/apt/lists/*

WORKDIR /src
COPY CMakeLists.txt ./
COPY framework framework
COPY middleware middleware
COPY apps apps

ARG APP=quickstart
ARG BUILD_JOBS=1
RUN cmake -B /build -G Ninja -DCMAKE_BUILD_TYPE=Release -DWEIR_TESTS=OFF \
 && cmake --build /build -j "$BUILD_JOBS" --target "$APP" \
 && strip -o /app "/build/apps/$APP/$APP"

FROM debian:bookworm-slim

RUN apt-get update \
 && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends \
      libuv1 libspdlog1.10 libcurl4 libsimdjson14 libre2-9 libsqlite3-0 ca-certificates \
 && rm -rf /var/lib/apt/lists/* \
 && groupadd --system --gid 999 app \
 && useradd --system --uid 999 --gid app --no-create-home --home-dir /nonexistent --shell /usr/sbin/nologin app \
 && install -d -o app -g app /data
COPY --from=build /app /usr/local/bin/app

ARG APP=quickstart
LABEL org.opencontainers.image.title="$APP" \
      org.opencontainers.image.description="A service built on Weir, an HTTP framework in C++20" \
      org.opencontainers.image.licenses="MIT"

# The store of jobs is in a volume: mount one that outlives the container.
ENV WEIR_HOST=0.0.0.0 WEIR_PORT=8080 WEIR_DATA=/data
# By number, so that an orchestrator can see that it is not root.
USER 999:999
VOLUME /data
EXPOSE 8080
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=3s --retries=3 CMD ["/usr/local/bin/app", "healthcheck"]
ENTRYPOINT ["/usr/local/bin/app"]
CMD ["serve"]
