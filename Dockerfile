# The image: Debian's slim one with the package, an account that isn't root, and nothing to write but its data.
#
#   docker build -t kontor .                                                  compiles; some minutes
#   ./dev package && docker build -t kontor --build-arg PACKAGE=given .       takes the package that was made here
#   docker build … --build-arg PICTURES= .                                    a shop without uploads saves 150 MB
#
# Debian 12's Docker wants DOCKER_BUILDKIT=1 in its environment; its podman and buildah the default said: --build-arg PACKAGE=built.
ARG PACKAGE=built

FROM debian:12-slim AS built
WORKDIR /kontor
COPY . .
RUN ./dev package

FROM debian:12-slim AS given
COPY build/package /kontor/build/package

FROM ${PACKAGE} AS package

FROM debian:12-slim
# The number, so that a cluster can see that it isn't root's.
RUN useradd --system --user-group --uid 10001 --home-dir /var/lib/kontor --shell /usr/sbin/nologin kontor
ARG PICTURES=libvips-tools
# Its settings are the container's environment, not the package's file.
RUN --mount=type=bind,from=package,source=/kontor/build/package,target=/package \
    apt-get update \
    && apt-get install --yes --no-install-recommends /package/*.deb $PICTURES \
    && rm -rf /var/lib/apt/lists/* /var/cache/apt /var/log/apt /var/log/dpkg.log /var/lib/kontor/.env
# New volumes get the owner of what they cover.
RUN install -d -o kontor -g kontor -m 0750 /var/lib/kontor /var/lib/kontor/media /var/lib/kontor/chat
USER 10001:10001
WORKDIR /var/lib/kontor
VOLUME /var/lib/kontor
ENV KONTOR_DATA=/var/lib/kontor KONTOR_LISTEN=0.0.0.0:8080 KONTOR_LOG=json
EXPOSE 8080
HEALTHCHECK --interval=10s --timeout=5s --start-period=20s CMD ["kontor", "health"]
ENTRYPOINT ["kontor"]
CMD ["serve"]
