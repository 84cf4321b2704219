# One worker: edge/ and its run-time dependencies, nothing else. `make image` builds it with docker, podman or buildah.
# BASE is any image with Python 3.11 or newer; where no registry can be reached, deploy/image makes one of Debian packages.
ARG BASE=docker.io/library/python:3.13-slim-bookworm
# One with a C compiler and Python.h beside it: nothing of it is in the image but the one file that is compiled in it.
ARG COMPILER=docker.io/library/python:3.13-bookworm

FROM ${COMPILER} AS compiler
# yes: fail where it cannot be compiled; no: do the same in Python.
ARG ANTIRELOU_COMPILE=""
COPY edge/compiled/*.c /compile/edge/compiled/
COPY tools/compile.py /compile/tools/
RUN python3 /compile/tools/compile.py

FROM ${BASE} AS build
# Where nothing can be reached from inside the build, deploy/image brings a wheelhouse and pip's own wheel in it.
ARG PIP="python3 -m pip"
ARG PIP_OPTIONS=""
COPY requirements/run.txt build/wheel[s]/ /wheels/
RUN ${PIP} install --quiet --no-cache-dir --no-compile --no-deps --require-hashes ${PIP_OPTIONS} \
        --target /opt/antirelou --requirement /wheels/run.txt \
    && rm -rf /opt/antirelou/bin \
    && mkdir -p /ledger/antirelou /etc/antirelou \
    && chmod 0770 /ledger/antirelou
COPY edge /opt/antirelou/edge
COPY --from=compiler /compile/edge/compiled/ /opt/antirelou/edge/compiled/
RUN python3 -m compileall -q /opt/antirelou

FROM ${BASE}
ENV PYTHONPATH=/opt/antirelou PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1
COPY --from=build /opt/antirelou /opt/antirelou
COPY build/sbom.cdx.jso[n] LICENSE /usr/share/doc/antirelou/
COPY --from=build /etc/antirelou /etc/antirelou
# Its user's, and group 0's: some platforms run a container as a user of their own, who is in that group.
# (Copied with the folder around it: a folder that is copied alone loses its mode.)
COPY --from=build --chown=10001:0 /ledger/ /var/lib/
# The ledger's home, and the only place that is written to: run it with a read-only root.
VOLUME /var/lib/antirelou
WORKDIR /var/lib/antirelou
USER 10001:10001
EXPOSE 8000
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=30s --timeout=5s --start-period=10s --retries=3 \
    CMD ["python3", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8000/healthz', timeout=3)"]
ENTRYPOINT ["python3", "-m", "edge"]
CMD ["serve", "/etc/antirelou/edge.toml"]
