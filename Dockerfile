# The site in a container. docs/operators.md says how to run it.

FROM python:3.13-slim AS packages
COPY requirements-postgres.txt /
RUN python -m venv /packages \
    && /packages/bin/pip install --no-cache-dir --require-hashes --requirement /requirements-postgres.txt

FROM python:3.13-slim
COPY --from=packages /packages /packages
ENV PATH=/packages/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    DATA_DIR=/data \
    STATIC_ROOT=/site-static
WORKDIR /site
COPY . .
# This key is for the building alone: nothing is signed with it.
RUN SECRET_KEY=only-while-building-the-image python manage.py collectstatic --noinput --verbosity 0 \
    && python -m compileall -q . \
    && groupadd --system --gid 10001 site \
    && useradd --system --uid 10001 --gid site --home-dir /data --shell /usr/sbin/nologin site \
    && install -d -m 700 -o site -g site /data

# All that is written goes to /data and /tmp: the rest may be read-only.
ENV PYTHONDONTWRITEBYTECODE=1
# docs/serving.md says what it is for.
ENV MALLOC_ARENA_MAX=1 MALLOC_MMAP_THRESHOLD_=65536 MALLOC_TRIM_THRESHOLD_=131072 \
    _RJEM_MALLOC_CONF=narenas:1,lg_tcache_max:10,dirty_decay_ms:500,muzzy_decay_ms:0
USER 10001:10001
VOLUME /data
EXPOSE 8000
HEALTHCHECK --interval=30s --timeout=6s --start-period=20s CMD ["python", "deploy/alive.py"]
CMD ["python", "-m", "granian", "privacy_site.wsgi:application", "--interface", "wsgi", \
     "--http", "1", "--no-ws", "--host", "0.0.0.0", "--port", "8000", "--workers", "2", \
     "--blocking-threads", "8", "--backpressure", "8192", "--http1-header-read-timeout", "10000", \
     "--respawn-failed-workers", "--workers-kill-timeout", "8", "--log-level", "error"]
