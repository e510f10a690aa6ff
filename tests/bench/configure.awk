# A configuration of n monitors. Site number s has the address 127.NET.(s / 250).(s % 250 + 1), with
# NET 1 where pages are served and 2 where nothing answers; or each monitor has a host name of its own.
function address(net, s)
{
    return "127." net "." int(s / 250) "." (s % 250 + 1)
}
function url(s, d)
{
    if (named)
        return scheme "://d" d ".site" s ".bench.example:" port "/"
    return d < hanging ? "http://" address(2, s) ":" hang_port "/" d \
                       : scheme "://" address(1, s) ":" port "/" d
}
END {
    if (urls) { # the same as a list, for the reference
        for (i = 0; i < n; i++) print url(int(i / domains), i % domains)
        exit
    }
    if (top) print top
    print "defaults: {" keys "}\nsites:"
    for (i = 0; i < n; i++) {
        s = int(i / domains); d = i % domains
        if (d == 0) printf "  - id: site%d\n    domains:\n", s
        printf "      - id: d%d\n        role: %s\n        url: %s\n", d, (d < 5 ? "core" : "supplementary"), url(s, d)
    }
}
