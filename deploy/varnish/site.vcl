# What is yours: where the workers are. The webhook's path and the origin secret come from the environment of varnishd
# (WEBHOOK_PATH and ORIGIN_SECRET), so that neither stands in a file that is committed.

probe ready {
    .request = "GET /healthz HTTP/1.1" "Host: worker" "Connection: close";
    .interval = 2s;
    .timeout = 2s;
}

backend worker_1 {
    .host = "127.0.0.1";
    .port = "8000";
    .probe = ready;
    .connect_timeout = 1s;
    .first_byte_timeout = 5s;
}

sub vcl_init {
    new workers = directors.round_robin();
    workers.add_backend(worker_1);
}
