vcl 4.1;

# Varnish 7 in front of a reelmesh: viewers ask Varnish, Varnish asks whichever node is well, and keeps what it gets.
#
#   /etc/varnish/default.vcl; systemctl reload varnish
#   try it:  varnishd -F -a :8080 -f $PWD/default.vcl -s malloc,2g
#
# Change: the nodes (three places: here, in vcl_init, in the acl). Start each node with
#   reelmesh up --purge http://<this cache>/ ...
# so that removed assets go from here at once: every node says so, each when it has stopped serving the asset itself.

import directors;
import std;

# A node that fails two of four looks is not asked. Until that is seen, requests to it are tried on another: see below.
probe alive {
    .url = "/healthz";
    .interval = 1s;
    .timeout = 1s;
    .window = 4;
    .threshold = 3;
    .initial = 3;
}

# The viewers' port of each node (7480), not the peers'.
backend node1 {
    .host = "10.0.0.1";
    .port = "7480";
    .probe = alive;
    .connect_timeout = 1s;
    .first_byte_timeout = 30s; # a node may have to fetch a segment from another first
    .between_bytes_timeout = 10s;
}
backend node2 {
    .host = "10.0.0.2";
    .port = "7480";
    .probe = alive;
    .connect_timeout = 1s;
    .first_byte_timeout = 30s;
    .between_bytes_timeout = 10s;
}
backend node3 {
    .host = "10.0.0.3";
    .port = "7480";
    .probe = alive;
    .connect_timeout = 1s;
    .first_byte_timeout = 30s;
    .between_bytes_timeout = 10s;
}

# Who may purge: the nodes.
acl nodes {
    "10.0.0.1";
    "10.0.0.2";
    "10.0.0.3";
}

sub vcl_init {
    # All nodes serve everything. The same URL goes to the same node while it is well: those that fetch what they do not
    # hold then fetch it once.
    new mesh = directors.shard();
    mesh.add_backend(node1);
    mesh.add_backend(node2);
    mesh.add_backend(node3);
    mesh.reconfigure();
}

sub vcl_recv {
    if (req.method == "PURGE") {
        if (!client.ip ~ nodes) {
            return (synth(405, "Only the nodes purge"));
        }
        # The path of an asset: everything below it goes. Nodes name the asset in X-Asset, so that it goes whatever the
        # URL looked like; and the ban lurker clears it, so that no viewer's request is compared with a long list.
        if (req.url !~ "^/assets/[^/]+/$") {
            return (synth(400, "PURGE /assets/<asset>/"));
        }
        if (!std.ban("obj.http.X-Asset == " + regsub(req.url, "^/assets/([^/]+)/$", "\1"))) {
            return (synth(500, std.ban_error()));
        }
        return (synth(200, "Purged"));
    }

    if (req.method != "GET" && req.method != "HEAD") {
        return (pass);
    }
    # Downloads are long, and made of segments that are kept already.
    if (req.url ~ "/download\.mp4") {
        return (pass);
    }
    # Nothing of an asset's files depends on a query or on who asks.
    if (req.url ~ "^/assets/[^/?]+/") {
        set req.url = regsub(req.url, "\?.*$", "");
        unset req.http.Cookie;
        unset req.http.Authorization;
    }
    # What is older is given out only while no node is well.
    set req.backend_hint = mesh.backend(resolve=LAZY);
    if (std.healthy(req.backend_hint)) {
        set req.grace = 0s;
    }
    return (hash);
}

sub vcl_hash {
    # The same film under every name of this cache.
    hash_data(req.url);
    return (lookup);
}

sub vcl_backend_fetch {
    set bereq.backend = mesh.backend(by=URL, alt=bereq.retries, healthy=ALL);
}

sub vcl_backend_response {
    # 5xx: the node has trouble of its own (a full or broken disk, going down): ask another. 503 of an asset that is not
    # ready yet is the same everywhere, and its Retry-After goes to the viewer.
    if (beresp.status >= 500 && !beresp.http.Retry-After && bereq.retries < 2) {
        return (retry);
    }
    # A segment is taken whole before any of it is given out: when the node dies in the middle, it is fetched again from
    # another, and no viewer sees half of one.
    if (beresp.http.Content-Length && std.integer(beresp.http.Content-Length, 0) < 33554432) {
        set beresp.do_stream = false;
    }
    # Nodes say how long (Cache-Control): a year for what never changes, a second for playlists that grow. Older ones are
    # kept for when no node answers.
    set beresp.grace = 1h;
    if (beresp.status == 404) {
        # An asset that is not there may be there in a moment.
        set beresp.ttl = 1s;
        set beresp.grace = 0s;
    }
}

sub vcl_backend_error {
    # The connection failed, or broke: on to another node.
    if (bereq.retries < 2) {
        return (retry);
    }
}

sub vcl_deliver {
    unset resp.http.X-Asset;
    # For measuring: hits of the object, 0 for the first.
    set resp.http.X-Cache-Hits = obj.hits;
}
