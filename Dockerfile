# The gateway alone: one program, the four libraries that it needs, no shell, no package manager, a user without rights.
#   npm run package                    # makes build/ainogap-linux-x64; with -- --all for arm64 as well
#   docker build -t ainogap:0.1.0 .
# Pin the base by digest where builds must be repeatable: --build-arg DEBIAN_DIGEST=sha256:…
ARG DEBIAN_TAG=12-slim
ARG DEBIAN_DIGEST=

# The C and C++ libraries, with their licences and what image scanners read to know their versions.
FROM debian:${DEBIAN_TAG}${DEBIAN_DIGEST:+@${DEBIAN_DIGEST}} AS base
RUN set -eu; \
    mkdir -p /image/etc /image/var/lib/dpkg/status.d; \
    install -d -m 0700 -o 65532 -g 65532 /image/data; \
    printf 'ainogap:x:65532:65532:ainogap gateway:/data:/sbin/nologin\n' > /image/etc/passwd; \
    printf 'ainogap:x:65532:\n' > /image/etc/group; \
    printf 'hosts: files dns\n' > /image/etc/nsswitch.conf; \
    cp /etc/os-release /image/etc/os-release; \
    loader=$(dpkg -L libc6 | grep -E '^/lib(64)?/ld-linux'); \
    for name in "${loader##*/}" libc.so.6 libm.so.6 libdl.so.2 libpthread.so.0 libresolv.so.2 libnss_dns.so.2 libnss_files.so.2 libstdc++.so.6 libgcc_s.so.1; do \
      file=$(dpkg -L libc6 libstdc++6 libgcc-s1 | awk -v end="/$name" 'substr($0, length($0) - length(end) + 1) == end { print; exit }'); \
      install -d "/image${file%/*}"; \
      cp -L "$file" "/image$file"; \
    done; \
    [ "${file%/*}" = "${loader%/*}" ] || install -D -m 0755 "$loader" "/image$loader"; \
    for package in libc6 libstdc++6 libgcc-s1; do \
      dpkg-query --status "$package" > "/image/var/lib/dpkg/status.d/$package"; \
      install -D -m 0644 "/usr/share/doc/$package/copyright" "/image/usr/share/doc/$package/copyright"; \
    done

# Docker says amd64 where the file is called x64. Only the stage of the platform that is built is used.
FROM scratch AS program-amd64
COPY --chmod=0555 build/ainogap-linux-x64 /ainogap
FROM scratch AS program-arm64
COPY --chmod=0555 build/ainogap-linux-arm64 /ainogap
FROM program-${TARGETARCH:-amd64} AS program

FROM scratch
LABEL org.opencontainers.image.title="ainogap" \
      org.opencontainers.image.description="A self-hosted gateway that meters Claude models" \
      org.opencontainers.image.licenses="MIT"
COPY --from=base /image/ /
COPY --from=program /ainogap /ainogap
COPY LICENSE /usr/share/doc/ainogap/copyright

# By number, so that a check for "not root" can read it. All that is written is below /data, so the root can be read-only:
# config.yaml, the database, and the native part of the program, unpacked once (a tmpfs would have to allow exec for that).
USER 65532:65532
VOLUME /data
WORKDIR /data
ENV HOME=/data \
    AINOGAP_CONFIG=/data/config.yaml \
    AINOGAP_CACHE_DIR=/data/cache \
    CREDENTIALS_DIRECTORY=/run/secrets
EXPOSE 8787

# Stopping takes shutdown_grace (25s) and up to 10 s to settle what is cut then: docker stop --time 35, or stop_grace_period: 35s.
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=15s --timeout=5s --start-period=60s --retries=3 CMD ["/ainogap", "health"]

ENTRYPOINT ["/ainogap"]
CMD ["serve", "--host", "0.0.0.0"]
