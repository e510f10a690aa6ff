# Writes a configuration of n monitors. Site number s has the address 127.NET.(s / 250).(s % 250 + 1).
# NET is 1 for the server of pages and 2 for the one that never answers. With `named`, each monitor has
# its own host name instead. `path` is what comes before the number of the domain in the URL. There are no
# rechecks: each monitor is checked once in a tick, whatever the server answers.
function address(net, s)
{
    return "127." net "." int(s / 250) "." (s % 250 + 1)
}
function url(s, d)
{
    if (named)
        return scheme "://d" d ".site" s ".bench.example:" port "/"
    return d < hanging ? "http://" address(2, s) ":" hang_port "/" d \
                       : scheme "://" address(1, s) ":" port path d
}
END {
    if (urls) { # only the list of URLs, for the minimal client
        for (i = 0; i < n; i++) print url(int(i / domains), i % domains)
        exit
    }
    if (top) print top
    print "defaults: {" keys ", confirm: {recheck_seconds: []}}\nsites:"
    for (i = 0; i < n; i++) {
        s = int(i / domains); d = i % domains
        if (d == 0) printf "  - id: site%d\n    domains:\n", s
        printf "      - id: d%d\n        role: %s\n        url: %s\n", d, (d < 5 ? "core" : "supplementary"), url(s, d)
    }
}
