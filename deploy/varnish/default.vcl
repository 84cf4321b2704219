vcl 4.1;
# Varnish in front of antirelou. Four things come through from outside: the webhook, untouched and never cached; the
# counter page and its JSON, cached; the buttons of the alerts, which a telephone presses, never cached. Everything else,
# metrics and health included, ends here; so does the status page, unless STATUS_PAGE=yes stands in the environment, for whoever
# has its key (server.status-key-env). It is never cached.
#
#   varnishd -F -a :80 -f /etc/varnish/default.vcl -I /etc/varnish/params.cli
#
# with WEBHOOK_PATH=/sms and ORIGIN_SECRET=… in its environment. What VCL cannot set stands in params.cli: with GET the longest
# message is a request line of 20 kB; and a connection that the worker closes just now (after 15 s) would lose a message.

import directors;
import std;

include "site.vcl";

sub vcl_recv {
    # What only we may say is never taken from outside.
    unset req.http.X-Origin-Secret;
    unset req.http.X-Edge-Page;

    if (regsub(req.url, "\?.*$", "") == std.getenv("WEBHOOK_PATH")) {
        set req.http.X-Edge-Page = "webhook";
    } elsif (req.url == "/" || req.url == "/counter.json") {
        set req.http.X-Edge-Page = "counter";
    } elsif (req.url ~ "^/(silence|detach)(\?|$)") {
        set req.http.X-Edge-Page = "button";
    } elsif (std.getenv("STATUS_PAGE") == "yes" && req.url ~ "^/status(/live\.json|\?language=[a-z]+)?$") {
        set req.http.X-Edge-Page = "status";
    } else {
        return (synth(404));
    }

    set req.backend_hint = workers.backend();
    if (req.http.X-Edge-Page == "webhook" || req.http.X-Edge-Page == "status") {
        if (req.method != "GET" && req.method != "POST") {
            return (synth(405));
        }
        return (pass);
    }
    # Silence, or detached, for an hour: a signed address that counts once, and can only lower what is spent (docs/how-to/alerts.md).
    if (req.http.X-Edge-Page == "button") {
        if (req.method !~ "^(GET|HEAD|POST|OPTIONS)$") {
            return (synth(405));
        }
        return (pass);
    }
    if (req.method != "GET" && req.method != "HEAD") {
        return (synth(405));
    }
    # The counter is the same for everybody.
    unset req.http.Cookie;
    unset req.http.Authorization;
    # While a worker is well nothing older than a minute is shown; while none is, what we have for a day.
    if (std.healthy(req.backend_hint)) {
        set req.grace = 60s;
    }
    return (hash);
}

sub vcl_hash {
    # Not by Host: one number, one counter, and a stranger's Host header must not fill the cache.
    hash_data(req.url);
    return (lookup);
}

sub vcl_backend_fetch {
    set bereq.http.X-Origin-Secret = std.getenv("ORIGIN_SECRET");
    unset bereq.http.X-Edge-Page;
}

sub vcl_backend_response {
    if (bereq.uncacheable) {
        return (deliver);
    }
    # A failed refresh must not push out the page that we have.
    if (beresp.status != 200 && bereq.is_bgfetch) {
        return (abandon);
    }
    if (beresp.status != 200) {
        set beresp.uncacheable = true;
        set beresp.ttl = 0s;
        return (deliver);
    }
    set beresp.grace = 24h;
    return (deliver);
}

sub vcl_backend_error {
    # The provider reads the body of a 200 as a message to send; of an error it reads nothing.
    set beresp.http.Content-Type = "text/plain";
    set beresp.http.Cache-Control = "no-store";
    set beresp.body = "the worker does not answer" + {"
"};
    return (deliver);
}

sub vcl_deliver {
    unset resp.http.Via;
    unset resp.http.X-Varnish;
    unset resp.http.Server;
}

sub vcl_synth {
    set resp.http.Content-Type = "text/plain";
    set resp.http.Cache-Control = "no-store";
    set resp.body = resp.reason + {"
"};
    return (deliver);
}
