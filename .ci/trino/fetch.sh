#!/usr/bin/env bash
# Puts a Trino server together from its published parts, and prints the folder. Needs a JDK (java, javac, jar) and curl.
#
# Version 406: Athena's engine version 3 grew from Trino's releases of that time, so what a later one has added, Athena may
# refuse; and it runs on Java 17. Only the server and the plugin of Iceberg are fetched, which has the Hive connector in it:
# 350 MB in place of 900.
#
# What is fetched is kept in a folder outside the checkout (TRINO_CACHE), so that it is fetched once; each file is checked
# against artifacts.sha256. MAVEN_REPOSITORY_URL names a mirror of Maven Central.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)

VERSION=406
repository=${MAVEN_REPOSITORY_URL:-https://repo1.maven.org/maven2}
cache=${TRINO_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/connect-cases-audit-export}
list=$here/artifacts.sha256
sources=$here/../../test/trino/java
java_bin=${JAVA_HOME:+$JAVA_HOME/bin/}

fingerprint=$(cat "$list" "$sources"/*.java | sha256sum | cut -c 1-12)
home=$cache/trino-$VERSION-$fingerprint
if [ -f "$home/complete" ]; then
  echo "$home"
  exit
fi

mkdir -p "$cache"
work=$(mktemp -d "$cache/fetch.XXXXXX")
trap 'rm -rf "$work"' EXIT
echo "Fetching Trino $VERSION (350 MB) into $cache" >&2
awk -v repository="$repository" '{ print "url = \"" repository "/" $2 "\"\noutput = \"" $2 "\"" }' "$list" >"$work/curl.config"
mkdir "$work/files"
(cd "$work/files" && curl --fail --silent --show-error --location --retry 5 --create-dirs --parallel --parallel-max 6 \
  --config ../curl.config 2>"$work/curl.log") || { cat "$work/curl.log" >&2; exit 1; }
(cd "$work/files" && sha256sum --check --quiet --strict "$list") >&2

mkdir -p "$work/home/lib" "$work/home/plugin" "$work/home/openx" "$work/hive/META-INF/services"
# The OpenX SerDe came to Trino after 406: that part of a later one, with the library that it wants newer than the server has it.
mv "$work/files/io/trino/trino-hive-formats/411/trino-hive-formats-411.jar" "$work/files/io/airlift/slice/0.45/slice-0.45.jar" \
  "$work/home/openx/"
find "$work/files" -name '*.jar' -exec mv {} "$work/home/lib/" \;
(cd "$work/home/plugin" && "${java_bin}jar" --extract --file "$work/files/io/trino/trino-iceberg/$VERSION/trino-iceberg-$VERSION.zip")
mv "$work/home/plugin/trino-iceberg-$VERSION" "$work/home/plugin/iceberg"

# The Hive connector: the same jars without Iceberg's, and the few lines that offer it.
mkdir "$work/home/plugin/hive"
find "$work/home/plugin/iceberg" -name '*.jar' ! -name "trino-iceberg-$VERSION*" -exec ln {} "$work/home/plugin/hive/" \;
"${java_bin}javac" -cp "$work/home/lib/*" -d "$work/home/main" "$sources/TrinoServer.java" >&2
"${java_bin}javac" -cp "$work/home/plugin/hive/*:$work/home/lib/*" -d "$work/hive" "$sources/HivePlugin.java" >&2
"${java_bin}javac" -cp "$work/home/openx/*:$work/home/plugin/hive/*:$work/home/lib/*" -d "$work/home/openx" "$sources/OpenXRows.java" >&2
echo HivePlugin >"$work/hive/META-INF/services/io.trino.spi.Plugin"
"${java_bin}jar" --create --file "$work/home/plugin/hive/hive-plugin.jar" -C "$work/hive" .

touch "$work/home/complete"
# Whoever was faster, the folder is the same.
mv -T "$work/home" "$home" 2>/dev/null || [ -f "$home/complete" ]
echo "$home"
