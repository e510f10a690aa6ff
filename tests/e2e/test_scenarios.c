/* What goes wrong with websites: responses and their contents. See scenarios.h. */
#define _GNU_SOURCE
#include "cmocka_all.h"
#include "scenarios.h"

#define GET_PAGE "expect: {body_contains: Add to basket}"
#define SHORT    "timeout_seconds: 0.7"

/* Connections, status lines, and what depends on the method or a header. */
static void responses_that_go_wrong(struct e2e *world)
{
    static const struct scenario rows[] = {
        {"503", "", "/status/503", NULL, "DOWN", 503, "status.5xx",
         "http_status: expected 200, got 503"},
        {"500", GET_PAGE, "/status/500", NULL, "DOWN", 500, "status.5xx",
         "http_status: expected 200, got 500"},
        {"502", "", "/status/502", NULL, "DOWN", 502, "status.5xx",
         "http_status: expected 200, got 502"},
        {"504", "", "/status/504", NULL, "DOWN", 504, "status.5xx",
         "http_status: expected 200, got 504"},
        {"404-on-homepage", "", "/status/404", NULL, "DOWN", 404, "status.4xx",
         "http_status: expected 200, got 404"},
        {"401-on-public-page", "", "/status/401", NULL, "DOWN", 401, "status.4xx",
         "http_status: expected 200, got 401"},
        {"403-of-a-firewall", "", "/status/403", NULL, "DOWN", 403, "status.4xx",
         "http_status: expected 200, got 403"},
        {"429-rate-limit", "", "/status/429", NULL, "DOWN", 429, "status.4xx",
         "http_status: expected 200, got 429"},
        {"451-country", "", "/status/451", NULL, "DOWN", 451, "status.4xx",
         "http_status: expected 200, got 451"},
        {"cdn-520", "", "/status/520", NULL, "DOWN", 520, "status.5xx",
         "http_status: expected 200, got 520"},
        {"cdn-522-origin-unreachable", "", "/status/522", NULL, "DOWN", 522, "status.5xx",
         "http_status: expected 200, got 522"},
        {"cdn-526-certificate", "", "/status/526", NULL, "DOWN", 526, "status.5xx",
         "http_status: expected 200, got 526"},
        {"bot-page-200", "bot_protection_string: Checking your browser", "/bot/200", NULL,
         "BOT_DETECTED", 200, "bot.string", "bot: "},
        {"bot-page-403", "bot_protection_string: Checking your browser", "/bot/403", NULL,
         "BOT_DETECTED", 403, "bot.string", "bot: "},
        {"bot-page-under-attack", "bot_protection_string: [Just a moment, Checking your browser]",
         "/bot/503", NULL, "BOT_DETECTED", 503, "bot.string", "bot: "},

        /* A check with GET sees what users see; one with HEAD does not. */
        {"head-200-get-503", GET_PAGE, "/only/GET/status/503", NULL, "DOWN", 503, "status.5xx",
         "http_status: expected 200, got 503"},
        {"head-200-get-503-head", "method: HEAD", "/only/GET/status/503", NULL, "UP", 200, NULL,
         NULL},
        {"head-200-get-404", "", "/only/GET/status/404", NULL, "DOWN", 404, "status.4xx",
         "http_status: expected 200, got 404"},
        {"head-200-get-partial", GET_PAGE, "/only/GET/truncated", NULL, "DOWN", 200,
         "truncated.length", "protocol: response cut short after "},
        {"head-200-get-partial-head", "method: HEAD", "/only/GET/truncated", NULL, "UP", 200, NULL,
         NULL},
        {"head-200-get-redirect-loop", "", "/only/GET/redirect-loop", NULL, "DOWN", 301,
         "redirect.loop", "protocol: more than 10 redirects, in a loop"},
        {"head-200-get-redirect-loop-head", "method: HEAD", "/only/GET/redirect-loop", NULL, "UP",
         200, NULL, NULL},
        {"head-405-get-200", GET_PAGE, "/only/HEAD/status/405", NULL, "UP", 200, NULL, NULL},
        {"head-405-get-200-head", "method: HEAD", "/only/HEAD/status/405", NULL, "DOWN", 405,
         "status.4xx", "http_status: expected 200, got 405"},
        {"options-preflight",
         "method: OPTIONS\n        headers: {Origin: 'https://app.example', "
         "Access-Control-Request-Method: PUT}\n        expect: {http_status: 200-204, headers: "
         "{Access-Control-Allow-Origin: 'https://app.example'}}",
         "HTTP/1.1 204 No Content\nAllow: GET, PUT\n\n",
         "HTTP/1.1 204 No Content\nAccess-Control-Allow-Origin: https://app.example\n\n", "DOWN",
         204, "header.missing", "header: Access-Control-Allow-Origin is missing"},
        {"header-status", "headers: {X-Probe: deep}", "/only/X-Probe/status/503", NULL, "DOWN", 503,
         "status.5xx", "http_status: expected 200, got 503"},
        {"header-status-without", "headers: {X-Other: deep}", "/only/X-Probe/status/503", NULL,
         "UP", 200, NULL, NULL},

        /* framing */
        {"partial", "", "/truncated", NULL, "DOWN", 200, "truncated.length",
         "protocol: response cut short after "},
        {"reset-in-body", "", "/reset-in-body", NULL, "DOWN", 200, "truncated.length",
         "protocol: connection lost after "},
        {"closed-without-answer", "", "/reply-empty", NULL, "DOWN", 0, "connect.reset",
         "protocol: connection closed "},
        {"reset-without-answer", "", "/reset", NULL, "DOWN", 0, "connect.reset",
         "protocol: connection reset "},
        {"closed-in-headers", "", "/headers-cut", NULL, "DOWN", 200, "protocol.headers",
         "protocol: response cut short in its headers"},
        {"length-negative", "", "/length-negative", NULL, "DOWN", 200, "protocol.headers",
         "protocol: the response has different Content-Length headers, or one that is not a "
         "number"},
        {"length-twice", "", "/lengths-differ", NULL, "DOWN", 200, "protocol.headers",
         "protocol: the response has different"},
        {"length-too-long", "", "HTTP/1.1 200 OK\nContent-Length: 900\n\nshort", NULL, "DOWN", 200,
         "truncated.length", "protocol: response cut short after 5 of 900 bytes"},
        /* Browsers ignore what follows. */
        {"length-too-short", "expect: {body_contains: </html>}",
         "HTTP/1.1 200 OK\nContent-Length: 12\n\n<html>A shop</html>", NULL, "DOWN", 200,
         "body.missing", "body: \"</html>\" not found (12 bytes read)"},
        {"chunk-size-bad", "", "/chunk-size-bad", NULL, "DOWN", 200, "truncated.chunk",
         "protocol: malformed chunked encoding"},
        {"chunk-last-missing", "", "/chunk-last-missing", NULL, "DOWN", 200, "truncated.chunk",
         "protocol: response cut short after "},
        {"not-http", "", "/garbage", NULL, "DOWN", 0, "protocol.malformed", "protocol: "},

        /* redirects */
        {"redirect-loop", "", "/redirect-loop", NULL, "DOWN", 301, "redirect.loop",
         "protocol: more than 10 redirects, in a loop"},
        {"redirect-chain", "", "/redirect/15", "/redirect/10", "DOWN", 302, "redirect.limit",
         "protocol: more than 10 redirects"},
        {"redirect-chain-of-6", "expect: {max_redirects: 5}", "/redirect/6", "/redirect/5", "DOWN",
         200, "redirect.limit", "redirect: 6 redirects, at most 5 allowed"},
        {"redirect-to-other-host", "expect: {final_url: 'http://@http@/ok'}", "/redirect-host/http",
         "/redirect-relative", "DOWN", 200, "redirect.url",
         "redirect: expected to end at http://@http@/ok, ended at http://localhost@:http@/ok"},
        {"redirect-to-login", "expect: {final_url: 'http://@http@/redirect/0'}",
         "/redirect-relative", "/redirect/1", "DOWN", 200, "redirect.url",
         "redirect: expected to end at http://@http@/redirect/0, ended at http://@http@/ok"},
        {"redirect-strips-query", "expect: {final_url: 'http://@http@/ok?page=2'}",
         "HTTP/1.1 302 Found\nLocation: /ok\n\n", "HTTP/1.1 302 Found\nLocation: /ok?page=2\n\n",
         "DOWN", 200, "redirect.url",
         "redirect: expected to end at http://@http@/ok, ended at http://@http@/ok with another "},
        {"redirect-strips-path", "expect: {final_url: 'http://@http@/redirect/0'}",
         "HTTP/1.1 301 Moved\nLocation: /\n\n", "HTTP/1.1 301 Moved\nLocation: /redirect/0\n\n",
         "DOWN", 200, "redirect.url",
         "redirect: expected to end at http://@http@/redirect/0, ended at http://@http@/"},
        {"redirect-302-for-301", "follow_redirects: false\n        expect: {http_status: 301}",
         "/redirect/1", "HTTP/1.1 301 Moved\nLocation: /ok\n\n", "DOWN", 302, "status.other",
         "http_status: expected 301, got 302"},
        {"redirect-to-nowhere", "", "/redirect-nowhere", "/redirect/1", "DOWN", 302, "status.other",
         "http_status: expected 200, got 302"},

        /* headers */
        {"content-type-missing", "expect: {headers: {Content-Type: {exists: true}}}",
         "HTTP/1.1 200 OK\n\n<html>", NULL, "DOWN", 200, "header.missing",
         "header: Content-Type is missing"},
        {"content-type-wrong", "expect: {headers: {Content-Type: {contains: text/html}}}",
         "HTTP/1.1 200 OK\nContent-Type: text/plain\n\n<html>", NULL, "DOWN", 200, "header.value",
         "header: Content-Type: expected to contain \"text/html\", got \"text/plain\""},
        {"security-header-missing",
         "expect: {headers: {X-Frame-Options: {matches: '^(DENY|SAMEORIGIN)$'}}}", "/ok",
         "HTTP/1.1 200 OK\nX-Frame-Options: DENY\n\n<html>", "DOWN", 200, "header.missing",
         "header: X-Frame-Options is missing"},
        {"stale-by-age", "expect: {headers: {Age: {below: 3600}}}",
         "HTTP/1.1 200 OK\nAge: 86400\n\n<html>", "HTTP/1.1 200 OK\nAge: 12\n\n<html>", "DOWN", 200,
         "header.value", "header: Age: expected below 3600, got "},
    };

    SCENARIOS_CHECK(world, rows);
}

/* Everything that is decided by a clock. */
static void responses_that_come_late(struct e2e *world)
{
    static const struct scenario rows[] = {
        {"hang", SHORT, "/hang", NULL, "TIMEOUT", 0, "timeout.first_byte",
         "timeout: 0.7 s passed waiting for"},
        {"first-byte", SHORT, "/slow/3000", "/slow/20", "TIMEOUT", 0, "timeout.first_byte",
         "timeout: 0.7 s passed waiting for"},
        {"hang-in-headers", SHORT, "/hang-in-headers", NULL, "TIMEOUT", 0, "timeout.headers",
         "timeout: 0.7 s passed reading the headers"},
        {"hang-in-body", SHORT, "/hang-in-body", "/pause-in-body/20", "TIMEOUT", 0, "timeout.body",
         "timeout: 0.7 s passed "},
        {"slow-loris", SHORT, "/trickle", NULL, "TIMEOUT", 0, "timeout.body",
         "timeout: 0.7 s passed "},
        {"slow-loris-in-headers", SHORT, "/drip/25", "/drip/1", "TIMEOUT", 0, "timeout.headers",
         "timeout: 0.7 s passed reading the headers"},
        {"half-open", SHORT, "http://@silent@/", NULL, "TIMEOUT", 0, "timeout.first_byte",
         "timeout: 0.7 s passed waiting for"},
        {"tcp-timeout", SHORT, "http://@full@/", NULL, "TIMEOUT", 0, "timeout.connect",
         "timeout: 0.7 s passed connecting to 127.0.0.1"},
        {"tls-half-open", SHORT "\n        ca_file: ca.pem", "https://@silent@/",
         "https://@tls@/ok", "TIMEOUT", 0, "timeout.tls",
         "timeout: 0.7 s passed during the TLS handshake"},
        {"head-200-get-timeout", SHORT, "/only/GET/hang", NULL, "TIMEOUT", 0, "timeout.first_byte",
         "timeout: 0.7 s passed waiting for"},
        {"head-200-get-timeout-head", SHORT "\n        method: HEAD", "/only/GET/hang", NULL, "UP",
         200, NULL, NULL},
        {"head-timeout-get-200", SHORT, "/only/HEAD/hang", NULL, "UP", 200, NULL, NULL},
        {"head-timeout-get-200-head", SHORT "\n        method: HEAD", "/only/HEAD/hang", NULL,
         "TIMEOUT", 0, "timeout.first_byte", "timeout: 0.7 s passed waiting for"},
        {"latency-limit", "expect: {max_latency_ms: 700}", "/slow/2500", NULL, "DOWN", 200,
         "latency.limit", "latency: "},
        {"download-too-slow", "expect: {max_latency_ms: 700}", "/pause-in-body/2500", NULL, "DOWN",
         200, "latency.limit", "latency: "},
        {"handshake-too-slow", "ca_file: ca.pem\n        expect: {max_latency_ms: 50}",
         "https://@tls-late@/ok", "https://@tls@/ok", "DOWN", 200, "latency.limit", "latency: "},
        {"slow-success", "expect: {slow_ms: 700}", "/slow/2500", NULL, "UP", 200, "latency.limit",
         "slow: "},
    };

    SCENARIOS_CHECK(world, rows);
}

#define ERRORS "expect: {body_excludes: [Fatal error, Traceback, Error establishing a database]}"
#define TITLE  "expect: {body_contains: '<title>The Lamp Shop</title>'}"

/* All of them are sent with the status 200. */
static void contents_that_go_wrong(struct e2e *world)
{
    static const struct scenario rows[] = {
        /* the application */
        {"white-screen", "expect: {body_bytes: 1-}", "/empty", NULL, "DOWN", 200, "body.size",
         "body: 0 bytes, expected at least 1"},
        {"white-screen-almost", "expect: {body_bytes: 200-}", "<html></html>\n", NULL, "DOWN", 200,
         "body.size", "body: 14 bytes, expected at least 200"},
        {"database-error", ERRORS, "<html><h1>Error establishing a database connection</h1></html>",
         NULL, "DOWN", 200, "body.excluded", "body: \"Error establishing a database\" found"},
        {"php-fatal", ERRORS,
         "<br />\n<b>Fatal error</b>:  Uncaught Error: Call to undefined function cart() in "
         "/srv/www/index.php:17\nStack trace:\n#0 {main}\n",
         NULL, "DOWN", 200, "body.excluded", "body: \"Fatal error\" found"},
        {"python-traceback", ERRORS,
         "<pre>Traceback (most recent call last):\n  File \"shop.py\", line 3, in cart\n"
         "KeyError: 'lamp'</pre>",
         NULL, "DOWN", 200, "body.excluded", "body: \"Traceback\" found"},
        {"node-stack", "expect: {body_not_matches: '\\n\\s+at \\S+ \\(.+:\\d+:\\d+\\)'}",
         "TypeError: lamp is undefined\n    at cart (/srv/shop/cart.js:12:7)\n", NULL, "DOWN", 200,
         "body.excluded", "body: matches /"},
        {"ruby-stack", "expect: {body_not_matches: \"\\\\.rb:\\\\d+:in [`']\"}",
         "NoMethodError: shop/cart.rb:5:in `add': undefined method", NULL, "DOWN", 200,
         "body.excluded", "body: matches /"},

        /* pages that replace the site */
        {"maintenance", "expect: {body_excludes: [down for maintenance, Coming soon]}",
         "<h1>We are down for maintenance</h1><p>Back in ten minutes.", NULL, "DOWN", 200,
         "body.excluded", "body: \"down for maintenance\" found"},
        {"coming-soon", "expect: {body_excludes: [down for maintenance, Coming soon]}",
         "<h1>Coming soon</h1>", NULL, "DOWN", 200, "body.excluded", "body: \"Coming soon\" found"},
        {"registrar-page", TITLE,
         "<title>lamps.example</title><p>This domain is parked. Buy it today.", NULL, "DOWN", 200,
         "body.missing", "body: \"<title>The Lamp Shop</title>\" not found"},
        {"default-page-nginx", TITLE, "<title>Welcome to nginx!</title>", NULL, "DOWN", 200,
         "body.missing", "body: \"<title>The Lamp Shop</title>\" not found"},
        {"default-page-apache", "expect: {body_not_matches: 'Default Page: It works'}",
         "<title>Apache2 Debian Default Page: It works</title>", NULL, "DOWN", 200, "body.excluded",
         "body: matches /Default Page: It works/"},
        {"default-page-iis", TITLE, "<title>IIS Windows Server</title><img src=iisstart.png>", NULL,
         "DOWN", 200, "body.missing", "body: \"<title>The Lamp Shop</title>\" not found"},
        {"wrong-virtual-host", TITLE, "<title>Another Shop</title><button>Add to basket</button>",
         NULL, "DOWN", 200, "body.missing", "body: \"<title>The Lamp Shop</title>\" not found"},
        {"cdn-error-with-200", "expect: {body_excludes: Web server is down}",
         "<title>521: Web server is down</title>", NULL, "DOWN", 200, "body.excluded",
         "body: \"Web server is down\" found"},

        /* attacks */
        {"defacement", TITLE,
         "<title>owned</title><body bgcolor=black><h1>You were here first, we "
         "came second</h1>",
         NULL, "DOWN", 200, "body.missing", "body: \"<title>The Lamp Shop</title>\" not found"},
        {"ransomware", "expect: {body_not_matches: '(?i)your files (are|were) (encrypted|locked)'}",
         "<h1>Your files were ENCRYPTED</h1><p>Pay 2 coins within three days.", NULL, "DOWN", 200,
         "body.excluded", "body: matches /"},
        {"injected-script",
         "expect: {body_not_matches: "
         "'(?i)<script[^>]+src=[''\"]?(https?:)?//(?!cdn\\.shop\\.example/)'}",
         "<title>The Lamp Shop</title><script src=\"//evil.example/x.js\"></script>",
         "<title>The Lamp Shop</title><script src=\"//cdn.shop.example/x.js\"></script>", "DOWN",
         200, "body.excluded", "body: matches /"},
        {"spam-links", "expect: {body_excludes: [casino, cheap pills]}",
         "<title>The Lamp Shop</title><div style=\"display:none\"><a "
         "href=//x.example>casino</a></div>",
         NULL, "DOWN", 200, "body.excluded", "body: \"casino\" found"},
        {"keyword-injected", "expect: {body_excludes: [HACKED, ENCRYPTED]}",
         "<title>The Lamp Shop</title><p>HACKED", NULL, "DOWN", 200, "body.excluded",
         "body: \"HACKED\" found"},
        {"keyword-injected-in-latin-1", "expect: {body_excludes: [HACKÉD]}",
         "HTTP/1.1 200 OK\nContent-Type: text/html; charset=iso-8859-1\n\n<p>HACK\xc9"
         "D",
         NULL, "DOWN", 200, "body.excluded", "body: read as ISO-8859-1, \"HACKÉD\" found"},
        {"debug-page", "expect: {http_status: [403, 404]}", "APP_KEY=1234\nDB_PASSWORD=1234\n",
         "/status/404", "DOWN", 200, "status.other", "http_status: expected "},

        /* parts that are missing */
        {"keyword-missing", GET_PAGE, "<title>The Lamp Shop</title>", NULL, "DOWN", 200,
         "body.missing", "body: \"Add to basket\" not found ("},
        {"title-missing", "expect: {body_matches: '<title>[^<]+</title>'}",
         "<html><head><title></title></head><body>x</body></html>", NULL, "DOWN", 200,
         "body.missing", "body: does not match /<title>[^<]+</title>/"},
        {"body-element-empty", "expect: {body_not_matches: '<body[^>]*>\\s*</body>'}",
         "<html><title>The Lamp Shop</title><body class=\"home\">\n</body></html>", NULL, "DOWN",
         200, "body.excluded", "body: matches /"},
        {"html-ends-early", "expect: {body_matches: '</html>\\s*$'}",
         "<html><title>The Lamp Shop</title><body><ul><li>Desk la", NULL, "DOWN", 200,
         "body.missing", "body: does not match /"},
        {"much-smaller", "expect: {body_bytes: 500-5000}",
         "<title>The Lamp Shop</title><button>Add to basket</button>", NULL, "DOWN", 200,
         "body.size", "body: 58 bytes, expected "},
        {"much-larger", "expect: {body_bytes: 500-5000}", "/fill/5001", "/fill/5000", "DOWN", 200,
         "body.size", "body: 5001 bytes, expected "},

        /* data */
        {"json-is-html", "expect: {json: {/status: ok}}", "<html><h1>Sorry</h1></html>",
         "{\"status\": \"ok\"}", "DOWN", 200, "json.missing", "json: not JSON at line 1 column 1"},
        {"json-malformed", "expect: {json: {/status: ok}}",
         "{\"status\": \"ok\",\n \"items\": [1,}", "{\"status\": \"ok\"}", "DOWN", 200,
         "json.missing", "json: not JSON at line 2 column "},
        {"json-cut", "expect: {json: {/status: ok}}", "{\"status\": \"ok\"", "{\"status\": \"ok\"}",
         "DOWN", 200, "json.missing", "json: not JSON at line 1 column "},
        {"json-reports-a-failure", "expect: {json: {/status: ok}}", "{\"status\": \"degraded\"}",
         "{\"status\": \"ok\"}", "DOWN", 200, "json.value",
         "json: /status: expected \"ok\", got \"degraded\""},
        {"json-list-empty", "expect: {json: {/items: {length: {above: 0}}}}", "{\"items\": []}",
         "{\"items\": [1]}", "DOWN", 200, "json.value", "json: /items: "},
        {"feed-malformed", "expect: {body_matches: '(?s)^<\\?xml .*</rss>\\s*$'}",
         "<?xml version=\"1.0\"?><rss><channel><item>", "<?xml version=\"1.0\"?><rss></rss>\n",
         "DOWN", 200, "body.missing", "body: does not match /"},
        {"sitemap-empty", "expect: {body_contains: <loc>}",
         "<?xml version=\"1.0\"?><urlset></urlset>",
         "<?xml version=\"1.0\"?><urlset><url><loc>https://a.example/</loc></url></urlset>", "DOWN",
         200, "body.missing", "body: \"<loc>\" not found ("},
        {"robots-is-html", "expect: {body_matches: '(?im)^user-agent:'}",
         "<html><h1>The Lamp Shop</h1></html>", "# lamps\nUser-agent: *\nDisallow: /basket\n",
         "DOWN", 200, "body.missing", "body: does not match /"},
        {"stale-content", "expect: {body_contains: 'content=\"build 43\"'}",
         "<meta name=build content=\"build 42\">", "<meta name=build content=\"build 43\">", "DOWN",
         200, "body.missing", "body: \"content=\"build 43\"\" not found"},
    };

    SCENARIOS_CHECK(world, rows);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        E2E_TEST(responses_that_go_wrong),
        E2E_TEST(responses_that_come_late),
        E2E_TEST(contents_that_go_wrong),
    };

    return cmocka_run_group_tests_name("scenarios", tests, NULL, NULL);
}
