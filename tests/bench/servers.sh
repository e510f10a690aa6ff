# Starts nginx with one worker, plain and TLS, and a server that never answers, on 1,000 addresses. With
# tls=no there are no certificates, which take a second to make.

page=$(head -c 2000 /dev/zero | tr '\0' x)
json=$(awk 'BEGIN {
    printf "{\"status\":\"UP\",\"items\":["
    for (i = 0; i < 40; i++) printf "%s{\"id\":%d,\"name\":\"item %d\",\"ok\":true,\"load\":12.5}", (i ? "," : ""), i, i
    printf "]}" }') # as long as the page
tls=yes
certificates_n=40 # 25 addresses each: a usual number of names for a certificate

make_certificates()
{
    openssl req -x509 -newkey rsa:2048 -nodes -keyout "$work/ca.key" -out "$work/ca.pem" -days 10 \
        -subj "/CN=uptick bench" 2>/dev/null
    openssl genrsa -out "$work/leaf.key" 2048 2>/dev/null
    openssl req -new -key "$work/leaf.key" -subj "/CN=uptick bench leaf" -out "$work/leaf.csr"
    i=0
    while [ $i -lt $certificates_n ]; do
        addresses_of $i | awk 'BEGIN { printf "subjectAltName=" }
            { printf "%sIP:%s", (NR > 1 ? "," : ""), $0 }' >"$work/names"
        openssl x509 -req -in "$work/leaf.csr" -CA "$work/ca.pem" -CAkey "$work/ca.key" \
            -CAcreateserial -days 10 -extfile "$work/names" -out "$work/leaf$i.pem" 2>/dev/null
        i=$((i + 1))
    done
    # Clients trust the certificates of the system and this one.
    cat /etc/ssl/certs/ca-certificates.crt "$work/ca.pem" >"$work/bundle.pem"
}

# Prints the addresses of one certificate, numbered as in configure.awk.
addresses_of()
{
    awk -v i="$1" -v n=$certificates_n 'BEGIN {
        for (s = i * 1000 / n; s < (i + 1) * 1000 / n; s++) print "127.1." int(s / 250) "." s % 250 + 1
    }'
}

# The pages below /down/ have the same size as the others. So a DOWN check costs the servers, the
# network and the client what an UP one costs, and what differs is what uptick does with it.
nginx_server()
{
    echo "server {"
    addresses_of "$1" | awk -v plain="$http_port" -v tls="$https_port" -v with="$tls" '{
        print "listen " $0 ":" plain ";"
        if (with == "yes") print "listen " $0 ":" tls " ssl;"
    }'
    if [ $tls = yes ]; then
        echo "ssl_certificate $work/leaf$1.pem;"
        echo "ssl_certificate_key $work/leaf.key;"
    fi
    echo "location / { return 200 '$page'; }"
    echo "location /down/ { return 503 '$page'; }"
    echo "location /json/ { return 200 '$json'; }"
    echo "}"
}

nginx_configuration()
{
    cat <<CONF
worker_processes 1;
worker_rlimit_nofile 16384;
daemon off;
pid $work/nginx.pid;
error_log $work/nginx.log;
events { worker_connections 8192; }
http {
    access_log off;
    default_type text/html;
    client_body_temp_path $work;
    proxy_temp_path $work;
    fastcgi_temp_path $work;
    uwsgi_temp_path $work;
    scgi_temp_path $work;
CONF
    i=0
    while [ $i -lt $certificates_n ]; do
        nginx_server $i
        i=$((i + 1))
    done
    echo "}"
}

start_nginx()
{
    nginx_configuration >"$work/nginx.conf"
    serve "$work/nginx.err" nginx -p "$work" -c "$work/nginx.conf"
    wait_for nginx test -s "$work/nginx.pid"
    "$build/reference" "$work/one.urls" >/dev/null
}

start_hang()
{
    serve "$work/hang" "$build/hang" 1000
    wait_for hang test -s "$work/hang"
    hang_port=$(cat "$work/hang")
}

# list_urls FILE MONITORS SCHEME PORT
list_urls()
{
    configure "$1" "$2" "" urls=1 scheme="$3" port="$4"
}

start_servers()
{
    say "servers"
    # shellcheck disable=SC2046 # the ports are words
    set -- $("$build/free_port" 3)
    http_port=$1 https_port=$2 exporter_port=$3
    start_hang
    list_urls "$work/one.urls" 1 http "$http_port"
    list_urls "$work/http.urls" "$monitors" http "$http_port"
    list_urls "$work/https.urls" "$monitors" https "$https_port"
    [ $tls = no ] || make_certificates
    start_nginx
}
