# The two workers of compose.yaml; otherwise as site.vcl.

probe ready {
    .request = "GET /healthz HTTP/1.1" "Host: worker" "Connection: close";
    .interval = 2s;
    .timeout = 2s;
}

backend worker_1 {
    .host = "worker-1";
    .port = "8000";
    .probe = ready;
    .connect_timeout = 1s;
    .first_byte_timeout = 5s;
}

backend worker_2 {
    .host = "worker-2";
    .port = "8000";
    .probe = ready;
    .connect_timeout = 1s;
    .first_byte_timeout = 5s;
}

sub vcl_init {
    new workers = directors.round_robin();
    workers.add_backend(worker_1);
    workers.add_backend(worker_2);
}
