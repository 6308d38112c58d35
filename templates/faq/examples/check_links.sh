# Check links to the policy: sh check_links.sh docs
set -eu
export LC_ALL=C
policy={{ policy_url }}
work=$(mktemp -d)
trap 'rm -r "$work"' EXIT
curl -fsS "${policy}anchors.json" > "$work/anchors.json"
jq -r '.[].anchor | ., @uri' "$work/anchors.json" | sort -u > "$work/known"
{ grep -rhoE "$policy#[^]\"'<>) ]+" "$1" || true; } |
  sed 's/^[^#]*#//' | sort -u > "$work/used"
comm -13 "$work/known" "$work/used" > "$work/broken"
sed 's/$/ leads nowhere/' "$work/broken"
test ! -s "$work/broken"
