# syntax=docker/dockerfile:1
# Passerelle with its model, text recognition and Chinese fonts. Nothing is fetched when it runs.
#
#   docker build -t passerelle .
#   docker build -t passerelle --build-arg EXTRA_PACKAGES="libreoffice-writer libreoffice-calc libreoffice-impress" .
#
# The second reads Word, PowerPoint and WPS files of before 2007 too (600 MB more).

FROM python:3.11.14-slim-bookworm AS build

# Where pip finds only PyTorch's CUDA build, 4 GB more, --build-arg PIP_EXTRA_INDEX_URL=... names an index of CPU builds.
ARG PIP_EXTRA_INDEX_URL=""
ENV PIP_DISABLE_PIP_VERSION_CHECK=1

WORKDIR /src
COPY pyproject.toml constraints.txt README.md LICENSE ./
COPY search_core search_core
COPY indexer indexer
COPY search_api search_api
COPY passerelle passerelle

RUN --mount=type=cache,target=/root/.cache/pip \
    python -m venv /opt/passerelle \
    && /opt/passerelle/bin/pip install -c constraints.txt . \
    && /opt/passerelle/bin/pip check \
    && /opt/passerelle/bin/pip uninstall --yes pip

# Unpacked now, so that a container starts at once and never writes to its own file system.
RUN PASSERELLE_MODEL_CACHE=/opt/passerelle/model \
    /opt/passerelle/bin/python -c "from search_core.opening import open_embedder; from search_core.settings import Settings; print(open_embedder(Settings()).identity)"


FROM python:3.11.14-slim-bookworm

ARG EXTRA_PACKAGES=""
ARG VERSION=0.1.0
ARG REVISION=""
LABEL org.opencontainers.image.title="Passerelle" \
      org.opencontainers.image.description="Bilingual document search, French and Chinese" \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.version="$VERSION" \
      org.opencontainers.image.revision="$REVISION"

# Versions of Debian's packages are not pinned: its archive keeps the newest of a release only.
# hadolint ignore=DL3008,SC2086
RUN apt-get update \
    && apt-get install --yes --no-install-recommends \
        fonts-arphic-uming \
        fonts-droid-fallback \
        openssl \
        tesseract-ocr \
        tesseract-ocr-chi-sim \
        tesseract-ocr-chi-tra \
        tesseract-ocr-fra \
        $EXTRA_PACKAGES \
    && rm -rf /var/lib/apt/lists/* \
    && groupadd --gid 10001 passerelle \
    && useradd --uid 10001 --gid 10001 --home-dir /data --no-create-home --shell /usr/sbin/nologin passerelle \
    && install --directory --owner=10001 --group=10001 --mode=0700 /data

COPY --from=build /opt/passerelle /opt/passerelle
COPY deploy /opt/passerelle/deploy

# HOME is where libraries that insist on a cache may write: nothing that is worth keeping.
ENV PATH=/opt/passerelle/bin:$PATH \
    HOME=/tmp \
    PYTHONDONTWRITEBYTECODE=1 \
    HAYSTACK_TELEMETRY_ENABLED=False \
    HF_HUB_OFFLINE=1 \
    PASSERELLE_DATA=/data \
    PASSERELLE_MODEL_CACHE=/opt/passerelle/model \
    PASSERELLE_HOST=0.0.0.0

USER 10001:10001
WORKDIR /data
VOLUME /data
EXPOSE 8000
# Ctrl-C is what both `serve` and `sync --watch` end well on.
STOPSIGNAL SIGINT
HEALTHCHECK --interval=30s --timeout=10s --start-period=60s --retries=3 \
    CMD ["python", "/opt/passerelle/deploy/healthy.py"]
ENTRYPOINT ["passerelle"]
CMD ["serve"]
