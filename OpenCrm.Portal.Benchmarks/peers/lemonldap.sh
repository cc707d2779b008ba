#!/usr/bin/env bash
# LemonLDAP::NG's portal (Debian) with TOTP: lemonldap.sh setup|start
# Users are in SQLite with passwords in clear text, so it has no hash to pay; sessions are files; Starman serves.
# PEER_HOME holds users.tsv (name, mail, password, base32 secret), PORT is where it listens. "start" becomes the server.
set -euo pipefail
here=$PEER_HOME url=http://127.0.0.1:$PORT/

setup() {
    mkdir -p "$here"/{conf,sessions/lock,psessions/lock,cache,notifications}
    {
        echo "create table users(login text primary key, password text, mail text, twofa text); begin;"
        while IFS=$'\t' read -r name mail password secret; do
            echo "insert into users values('$name','$password','$mail',
                  '[{\"type\":\"TOTP\",\"name\":\"a\",\"_secret\":\"${secret,,}\",\"epoch\":\"1700000000\"}]');"
        done < "$here/users.tsv"
        echo "commit;"
    } | sqlite3 "$here/users.db"
    jq --arg here "$here" --arg url "$url" '. + {authentication: "DBI", userDB: "DBI", passwordDB: "Null", registerDB: "Null", domain: "127.0.0.1",
        portal: $url, dbiAuthChain: ("dbi:SQLite:dbname=" + $here + "/users.db"), dbiAuthUser: "", dbiAuthPassword: "",
        dbiUserChain: ("dbi:SQLite:dbname=" + $here + "/users.db"), dbiAuthTable: "users", dbiUserTable: "users", dbiAuthLoginCol: "login",
        dbiAuthPasswordCol: "password", userPivot: "login", exportedVars: {}, dbiExportedVars: {mail: "mail", uid: "login", "_2fDevices": "twofa"},
        totp2fActivation: 1, whatToTrace: "uid", macros: {}, requireToken: 0, portalRequireOldPassword: 0, key: "measuredmeasured", securedCookie: 0,
        loginHistoryEnabled: 0, notification: 0,
        globalStorageOptions: {Directory: ($here + "/sessions"), LockDirectory: ($here + "/sessions/lock"),
            generateModule: "Lemonldap::NG::Common::Apache::Session::Generate::SHA256"},
        persistentStorageOptions: {Directory: ($here + "/psessions"), LockDirectory: ($here + "/psessions/lock")},
        localSessionStorageOptions: {cache_root: ($here + "/cache"), cache_depth: "3", default_expires_in: "600", directory_umask: "007",
            namespace: "lemonldap-ng-sessions"}}' /var/lib/lemonldap-ng/conf/lmConf-1.json > "$here/conf/lmConf-1.json"
    sed -e "s#/var/lib/lemonldap-ng/conf#$here/conf#; s#/var/lib/lemonldap-ng/cache#$here/cache#" /etc/lemonldap-ng/lemonldap-ng.ini \
        > "$here/lemonldap-ng.ini"
    cp /usr/share/lemonldap-ng/portal/htdocs/index.psgi "$here/"
}

case "${1:-}" in
    setup) setup ;;
    start)
        cd "$here"
        export LLNG_DEFAULTCONFFILE=$here/lemonldap-ng.ini LLNG_DEFAULTLOGGER=Lemonldap::NG::Common::Logger::Std
        exec starman --workers 4 --max-requests 1000000 --listen "127.0.0.1:$PORT" index.psgi
        ;;
esac
