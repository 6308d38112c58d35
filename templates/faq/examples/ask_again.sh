# Must a customer who agreed to version N hear of a change? sh ask_again.sh N
set -eu
curl -fsS {{ versions_json }} > versions.json
jq --argjson agreed "$1" '
  map(select(.status == "live" or .status == "superseded"))
  | (map(.number) | index($agreed)) == null
    or any(.[]; .number > $agreed and .material)' versions.json
