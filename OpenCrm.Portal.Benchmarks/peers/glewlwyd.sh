#!/usr/bin/env bash
# glewlwyd (Debian) on SQLite, its Debian default, with its TOTP scheme: glewlwyd.sh setup|start
# PEER_HOME holds users.tsv (name, mail, password, base32 secret), PORT is where it listens. "start" becomes the server.
# On PostgreSQL its password query runs crypt() over every user's row, so SQLite is the fair choice.
set -euo pipefail
here=$PEER_HOME url=http://127.0.0.1:$PORT

setup() {
    zcat /usr/share/doc/glewlwyd/database/init.sqlite3.sql.gz | sqlite3 "$here/db"
    sed -e "s/^port=.*/port=$PORT/" -e "s#^external_url=.*#external_url=\"$url/\"#" -e "s#^log_file=.*#log_file=\"$here/log\"#" \
        -e 's/^log_level=.*/log_level="ERROR"/' -e 's/^@include.*//' /etc/glewlwyd/glewlwyd.conf > "$here/glewlwyd.conf"
    echo "database = { type = \"sqlite3\"; path = \"$here/db\" };" >> "$here/glewlwyd.conf"
    glewlwyd --config-file="$here/glewlwyd.conf" > "$here/out" 2>&1 &
    local server=$! json='Content-Type: application/json'
    for _ in $(seq 100); do curl -s "$url/api/profile_list" > /dev/null && break; sleep 0.1; done
    curl -sf -c "$here/jar" -H "$json" -d '{"username":"admin","password":"password"}' "$url/api/auth/"
    curl -sf -b "$here/jar" -H "$json" "$url/api/mod/scheme/" -d '{"module":"otp","name":"otp","display_name":"TOTP","expiration":600,"max_use":0,
        "allow_user_register":true,"parameters":{"issuer":"measured","secret-minimum-size":16,"otp-length":6,"hotp-allow":false,"totp-allow":true,
        "totp-window":1,"totp-start-offset":0,"hotp-window":0}}'
    while IFS=$'\t' read -r name mail password _; do
        curl -sf -b "$here/jar" -H "$json" "$url/api/user/" -d "{\"username\":\"$name\",\"password\":\"$password\",\"email\":\"$mail\",
            \"name\":\"$name\",\"enabled\":true,\"scope\":[\"g_profile\"]}"
    done < "$here/users.tsv"
    kill "$server"
    wait "$server" || true
    {
        echo "begin; insert into g_scope_group(gs_id,gsg_name,gsg_scheme_required) select gs_id,'2',1 from g_scope where gs_name='g_profile';"
        echo "insert into g_scope_group_auth_scheme_module_instance(gsg_id,guasmi_id)
              select gsg_id,guasmi_id from g_scope_group,g_user_auth_scheme_module_instance where guasmi_name='otp';"
        while IFS=$'\t' read -r name _ _ secret; do
            echo "insert into gs_otp(gso_mod_name,gso_username,gso_otp_type,gso_secret,gso_totp_time_step_size) values('otp','$name',1,'$secret',30);"
        done < "$here/users.tsv"
        echo "update gs_otp set gso_last_used=0; commit;"
    } | sqlite3 "$here/db"
}

case "${1:-}" in
    setup) setup ;;
    start) exec glewlwyd --config-file="$here/glewlwyd.conf" ;;
esac
