#!/usr/bin/env bash
# Plays .github/workflows/digest.yml against a bare git repository, a feed and a mail server, all of them on this machine, and
# shows that what stands at the head of .github/digest.sh holds. Each run works in a clone of its own, which is thrown away
# afterwards, as the machines of a CI service are.
#
#   tests/e2e/digest_workflow.sh [PROGRAM]     PROGRAM is target/debug/takefive if absent
#
# Needs bash, git and python3; takes some seconds. With python3's yaml, the workflow is checked as well.
set -euo pipefail
root=$(cd "$(dirname "$0")/../.." && pwd)
program=$(realpath "${1:-$root/target/debug/takefive}")
world=$(mktemp -d)
children=()
end() {
  for child in "${children[@]}"; do kill "$child" 2>/dev/null || true; done
  rm -rf "$world"
}
trap end EXIT

first_day=2026-05-04
second_day=2026-05-05
readers=$'ann@reader.example\nben@reader.example\ncat@reader.example'

# ------------------------------------------------------------------------------------------------------------- the world

# a mail server that writes down who gets what; after as many mails as the file "hang-after" says it falls silent
cat >"$world/mail.py" <<'PY'
import os, pathlib, socketserver, sys, time
world = pathlib.Path(sys.argv[1])
class Conversation(socketserver.StreamRequestHandler):
    def say(self, line):
        self.wfile.write(line.encode() + b"\r\n")
    def handle(self):
        to = ""
        self.say("220 mail.example ESMTP")
        while line := self.rfile.readline().decode().strip():
            word = line.upper()
            if word.startswith("EHLO"):
                self.say("250-mail.example\r\n250 8BITMIME")
            elif word.startswith("RCPT"):
                to = line[line.index("<") + 1 : line.index(">")]
                self.say("250 ok")
            elif word == "DATA":
                self.say("354 go ahead")
                message = b""
                while (row := self.rfile.readline()) not in (b".\r\n", b""):
                    message += row
                limit = world / "hang-after"
                sent = world / "sent"
                if limit.exists() and len(sent.read_text().splitlines()) >= int(limit.read_text()):
                    (world / "hanging").touch()
                    time.sleep(60)
                    return
                with sent.open("a") as ledger:
                    ledger.write(to.split("@")[0] + "\n")
                (world / "last.eml").write_bytes(message)
                self.say("250 kept")
            elif word == "QUIT":
                self.say("221 bye")
                return
            else:
                self.say("250 ok")
class Server(socketserver.ThreadingTCPServer):
    daemon_threads = True
with Server(("127.0.0.1", 0), Conversation) as server:
    (world / "mail.port.part").write_text(str(server.server_address[1]))
    os.rename(world / "mail.port.part", world / "mail.port")
    server.serve_forever()
PY
cat >"$world/web.py" <<'PY'
import functools, http.server, os, pathlib, sys
world = pathlib.Path(sys.argv[1])
class Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_):
        pass
handler = functools.partial(Quiet, directory=world / "site")
with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
    (world / "web.port.part").write_text(str(server.server_address[1]))
    os.rename(world / "web.port.part", world / "web.port")
    server.serve_forever()
PY

# wait_for WHAT COMMAND …: until the command succeeds, and loudly no longer than half a minute
wait_for() {
  local what=$1 until=$((SECONDS + 30))
  shift
  until "$@"; do
    [ "$SECONDS" -lt "$until" ] || flunk "waited in vain for $what"
    sleep 0.05
  done
}
flunk() {
  printf 'FAILED: %s\n' "$*" >&2
  [ -e "$world/log" ] && sed 's/^/  | /' "$world/log" >&2
  exit 1
}
passed() { printf 'ok: %s\n' "$*"; }

mkdir -p "$world/site" "$world/bin"
python3 - "$world/site/feed.xml" <<'PY'
import sys
chatter = "Did you see the table by the window? Has somebody left a coat on one of the chairs?"
claims = [
    "Most roadmaps are lists of promises that nobody has checked. If you write down the problem and who has it instead of the "
    "feature, half of the list disappears within a week, and nobody misses it.",
    "Retention is decided in the first ten minutes, not in the first month. When you move the moment of value in front of the "
    "sign-up form, more people stay in week four than any later campaign could ever bring back.",
    "A strategy is a choice of which customers you are willing to disappoint. If everybody in the room can agree with the "
    "strategy, then you have written down a wish, and the hard decision is still waiting for you.",
    "Most experiments fail because nobody decided beforehand what result would change the plan. The key is to write the "
    "decision down before the test begins, since afterwards every number can be made to look like a success.",
]
items = "".join(
    f"<item><title>Note {n}</title><guid>note-{n}</guid><link>https://notes.example/{n}</link>"
    f"<pubDate>Mon, 04 May 2026 06:0{n}:00 +0000</pubDate><content:encoded><![CDATA[<p>{chatter}</p><p>{claim}</p>"
    f"<p>{chatter}</p>]]></content:encoded></item>"
    for n, claim in enumerate(claims)
)
open(sys.argv[1], "w").write(
    '<rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/"><channel><title>Notes</title>'
    f"{items}</channel></rss>"
)
PY
: >"$world/sent"
python3 "$world/mail.py" "$world" &
children+=($!)
python3 "$world/web.py" "$world" &
children+=($!)
wait_for "the mail server" test -e "$world/mail.port"
wait_for "the web server" test -e "$world/web.port"

# the program as the steps find it; what stands in "at-choose" happens once, while a run is between its fetch and its push
cat >"$world/bin/takefive" <<SH
#!/usr/bin/env bash
for word; do
  if [ "\$word" = choose ] && [ -e "$world/at-choose" ]; then
    mv "$world/at-choose" "$world/now"
    bash "$world/now" >>"$world/log.other" 2>&1
  fi
done
exec "$program" "\$@"
SH
chmod +x "$world/bin/takefive"
export PATH=$world/bin:$PATH

# nothing of whoever runs this
for name in $(compgen -e | grep -E '^(TAKEFIVE|DIGEST|GIT)_' || true); do unset "$name"; done
export HOME=$world GIT_CONFIG_NOSYSTEM=1 DIGEST_WAITS=""

# new_repository [ON_UNKNOWN]: what an operator has, without a branch of state
new_repository() {
  rm -rf "$world/origin.git" "$world/desk" "$world/hang-after"
  : >"$world/sent"
  git init --quiet --bare --initial-branch=main "$world/origin.git"
  git init --quiet --initial-branch=main "$world/desk"
  cp -r "$root/.github" "$world/desk/"
  cat >"$world/desk/sources.toml" <<TOML
[digest]
size = 2
min_score = 0.5
[mail]
from = "Take Five <five@digest.example>"
leave_address = "leave@digest.example"
postal_address = "1 Example Street, London"
smtp = "smtp://127.0.0.1:$(cat "$world/mail.port")"
tls = "none"
on_unknown = "${1:-resend}"
[fetch]
allow_networks = ["127.0.0.0/8"]
[[source]]
name = "Notes"
kind = "article"
feed = "http://127.0.0.1:$(cat "$world/web.port")/feed.xml"
TOML
  git -C "$world/desk" add -A
  git -C "$world/desk" -c user.name=desk -c user.email=desk@digest.example commit --quiet -m "The settings"
  git -C "$world/desk" push --quiet "$world/origin.git" main
}

# on_a_new_machine COMMAND …: in a fresh clone that is gone afterwards
on_a_new_machine() {
  local machine status=0
  machine=$(mktemp -d "$world/machine.XXXXXX")
  git clone --quiet --depth 1 "file://$world/origin.git" "$machine" 2>/dev/null
  (cd "$machine" && "$@") || status=$?
  rm -rf "$machine"
  return $status
}

# the steps of the workflow on one machine, in their order, with what each of them is given
job() {
  prepare_and_send "$1"
  with_key .github/digest.sh settle
}
prepare_and_send() {
  DIGEST_DATE=$1 TAKEFIVE_SUBSCRIBERS=$readers with_key .github/digest.sh prepare
  bash -c 'exec .github/digest.sh send'
}
with_key() { TAKEFIVE_STATE_KEY=$key "$@"; }
export readers

# says SENTENCE: what was printed last holds it, however its lines are broken
says() { tr -s '[:space:]' ' ' <"$world/log" | grep -F -- "$1" >/dev/null; }
succeeds() { "$@" >"$world/log" 2>&1 || flunk "this should have succeeded: $*"; }
fails_with() {
  local sentence=$1
  shift
  if "$@" >"$world/log" 2>&1; then flunk "this should have failed: $*"; fi
  says "$sentence" || flunk "this does not say \"$sentence\": $*"
}
sent() { tr '\n' ' ' <"$world/sent"; }
has_sent() { [ "$(sent)" = "$1" ] || flunk "mail went to \"$(sent)\" and not to \"$1\""; }
origin() { git -C "$world/origin.git" "$@"; }
one_commit() {
  [ "$(origin rev-list --count state)" = 1 ] || flunk "the branch has $(origin rev-list --count state) commits"
  [ "$(origin ls-tree --name-only state)" = state.age ] || flunk "the branch holds more than the packed state"
}
# the numbers of a report, as people read them
says_mail() { grep -q "^Mail  *$1$" "$world/log" || flunk "the report does not say \"$1\""; }

key=$("$program" state key 2>/dev/null)

# ------------------------------------------------------------------------------------------------------------ the claims

if python3 -c 'import yaml' 2>/dev/null; then
  python3 - "$root" <<'PY'
import pathlib, re, sys, yaml
root = pathlib.Path(sys.argv[1])
for file in sorted((root / ".github/workflows").glob("*.yml")):
    flow = yaml.safe_load(file.read_text())
    assert flow["permissions"] in ({"contents": "read"}, {"contents": "write"}), file
    for job in flow["jobs"].values():
        assert "env" not in job and "env" not in flow, f"{file}: secrets belong to the steps that need them"
        for step in job["steps"]:
            uses = step.get("uses")
            assert uses is None or re.fullmatch(r"actions/[a-z-]+@v\d+", uses), f"{file}: {uses}"
            secrets = re.findall(r"secrets\.\w+ }}", str(step.get("env", "")))
            assert not secrets or ".github/digest.sh" in step["run"], f"{file}: {step}"
steps = yaml.safe_load((root / ".github/workflows/digest.yml").read_text())["jobs"]["digest"]["steps"]
calls = [re.search(r"digest\.sh (\w+)", step.get("run", "")) for step in steps]
assert [call[1] for call in calls if call] == ["prepare", "send", "settle"], calls
PY
  passed "the workflows can be read, pin their actions, and give secrets only to the steps that need them"
fi

new_repository
without_key() { DIGEST_DATE=$first_day .github/digest.sh prepare; }
fails_with "TAKEFIVE_STATE_KEY is not set" on_a_new_machine without_key
fails_with "nothing is sent" on_a_new_machine .github/digest.sh send
has_sent ""
passed "without the key nothing is sent, and it says so"

succeeds on_a_new_machine job $first_day
has_sent "ann ben cat "
says "this is the first run" || flunk "it does not say that it is the first run"
says_mail "3 accepted"
one_commit
passed "the first run makes the branch"

succeeds on_a_new_machine job $first_day
has_sent "ann ben cat "
passed "a second run on the same day sends nothing twice"

first_mail=$(sha256sum <"$world/last.eml")
succeeds on_a_new_machine job $second_day
has_sent "ann ben cat ann ben cat "
[ "$first_mail" != "$(sha256sum <"$world/last.eml")" ] || flunk "the second day brought the mail of the first"
one_commit
passed "the second day goes on where the first ended, and the branch still has one commit"

origin cat-file --batch-all-objects --batch >"$world/objects"
for words in reader.example "SQLite format" "lists of promises"; do
  ! grep -qaF "$words" "$world/objects" || flunk "\"$words\" can be read in what was pushed"
done
grep -qaF "age-encryption.org/v1" "$world/objects" || flunk "nothing packed was pushed"
passed "nothing that was ever pushed can be read without the key"

leave_and_come() {
  with_key .github/digest.sh change subscribers remove ben@reader.example
  with_key .github/digest.sh change subscribers add dan@reader.example
  test ! -e .git/takefive # nothing stays behind in the clear
}
succeeds on_a_new_machine leave_and_come
: >"$world/sent"
succeeds on_a_new_machine job $second_day
has_sent "dan "
passed "a person changes the list by hand, and the next run knows; whoever left is not brought back by the secret"

wrong_key() { TAKEFIVE_STATE_KEY=$("$program" state key 2>/dev/null) DIGEST_DATE=$second_day .github/digest.sh prepare; }
fails_with "packed with another key" on_a_new_machine wrong_key
truncated() {
  git fetch --quiet origin state
  git cat-file blob FETCH_HEAD:state.age | head -c 1000 >"$world/short"
  tree=$(printf '100644 blob %s\tstate.age\n' "$(git hash-object -w "$world/short")" | git mktree)
  git push --quiet --force origin "$(git -c user.name=x -c user.email=x@x.example commit-tree "$tree" -m cut):refs/heads/state"
}
whole=$(origin rev-parse state)
succeeds on_a_new_machine truncated
fails_with "not a packed store, or a damaged one" on_a_new_machine job $second_day
origin update-ref refs/heads/state "$whole"
has_sent "dan "
passed "another key and a damaged file are told, and nothing is sent"

unreachable() {
  git remote set-url origin "$world/nowhere.git"
  job $second_day
}
fails_with "could not be asked for" on_a_new_machine unreachable
has_sent "dan "
passed "a repository that does not answer is not taken for one without state"

without_smtp() {
  sed -i 's/^smtp = .*/# smtp = "smtp:\/\/mail.example"/; /^tls/d' sources.toml
  job $second_day
}
fails_with "sets no [mail] smtp" on_a_new_machine without_smtp
passed "mails are not written into a folder that vanishes"

new_repository
cat >"$world/origin.git/hooks/pre-receive" <<'SH'
#!/bin/sh
echo "no space left" >&2
exit 1
SH
chmod +x "$world/origin.git/hooks/pre-receive"
fails_with "could not be pushed to the branch 'state', so nothing is sent" on_a_new_machine job $first_day
has_sent ""
refused_then_sent() {
  prepare_and_send $first_day || true
  # whoever starts the second step all the same
  .github/digest.sh send
}
fails_with "'prepare' comes first" on_a_new_machine refused_then_sent
has_sent ""
passed "when the first push fails nothing is sent"

# refuses once, then takes it
cat >"$world/origin.git/hooks/pre-receive" <<'SH'
#!/bin/sh
rm "$0"
exit 1
SH
tried_again() { DIGEST_WAITS=0 job $first_day; }
succeeds on_a_new_machine tried_again
has_sent "ann ben cat "
passed "a push that fails once is tried again"

# prepares the first day, and a mail server that hangs after so many mails
prepare_to_hang_after() {
  DIGEST_DATE=$first_day TAKEFIVE_SUBSCRIBERS=$readers with_key .github/digest.sh prepare
  echo "$1" >"$world/hang-after"
  rm -f "$world/hanging"
}

# the machine dies after two of three mails
dies_while_sending() {
  prepare_to_hang_after 2
  bash -c 'exec .github/digest.sh send' &
  local sending=$!
  wait_for "the third mail" test -e "$world/hanging"
  kill -KILL "$sending"
  wait "$sending" 2>/dev/null || true
  rm "$world/hang-after"
}
for policy in resend skip; do
  new_repository $policy
  succeeds on_a_new_machine dies_while_sending
  has_sent "ann ben "
  fails_with "another run began to send" on_a_new_machine job $first_day
  has_sent "ann ben "
  export DIGEST_TAKE_OVER=yes
  succeeds on_a_new_machine job $first_day
  says "what became of 3 messages is unknown" || flunk "the report does not speak of them"
  if [ $policy = resend ]; then
    has_sent "ann ben ann ben cat "
    says_mail "3 accepted"
    succeeds on_a_new_machine job $first_day
    has_sent "ann ben ann ben cat "
  else
    has_sent "ann ben "
    says_mail "3 unknown"
    succeeds on_a_new_machine job $second_day
    has_sent "ann ben ann ben cat "
  fi
  unset DIGEST_TAKE_OVER
  one_commit
  passed "after a machine that died while it sent, the next settles its mails (on_unknown = \"$policy\") and says so"
done

# a cancelled job: the signal reaches the program, and what it did is saved
cancelled() {
  prepare_to_hang_after 1
  # a shell gives what it puts into the background no interrupt from the keyboard; a runner's step has it
  python3 -c 'import os, signal; signal.signal(signal.SIGINT, signal.SIG_DFL); os.execvp("bash", ["bash", "-c", "exec .github/digest.sh send"])' &
  local sending=$!
  wait_for "the second mail" test -e "$world/hanging"
  kill -INT "$sending"
  wait_for "the program to hear it" grep -q "Stopping at the next safe place" "$world/log"
  kill -TERM "$sending"
  wait "$sending" || true
  rm "$world/hang-after"
  with_key .github/digest.sh settle
}
new_repository skip
succeeds on_a_new_machine cancelled
has_sent "ann "
succeeds on_a_new_machine job $first_day
has_sent "ann cat "
says_mail "2 accepted, 1 unknown"
passed "after a job that was cancelled while it sent, one mail at most is unknown, and the rest goes out"

# two runs with the same state: the other one does all of its job between the fetch and the push of this one
race() {
  cp "$world/race" "$world/at-choose"
  job "$1"
}
new_repository
{
  declare -f on_a_new_machine job prepare_and_send with_key
  declare -p world key readers
  printf 'on_a_new_machine job %s\n' $first_day
} >"$world/race"
for time in "there is no branch yet" "there is one"; do
  : >"$world/sent"
  [ "$time" = "there is one" ] && sed -i "s/$first_day/$second_day/" "$world/race"
  day=$(grep -oE '[0-9-]{10}$' "$world/race")
  fails_with "another run has saved its state" on_a_new_machine race "$day"
  has_sent "ann ben cat "
  succeeds on_a_new_machine job "$day"
  has_sent "ann ben cat "
done
passed "of two runs with the same state the later one fails before its first mail, and the branch stays the earlier one's"

# and one that was taken for dead comes back to settle
taken_for_dead() {
  prepare_and_send $second_day
  DIGEST_TAKE_OVER=yes on_a_new_machine job $second_day
  newer=$(origin rev-parse state)
  if with_key .github/digest.sh settle; then return 1; fi
  [ "$(origin rev-parse state)" = "$newer" ]
}
succeeds on_a_new_machine taken_for_dead
says "another run has replaced the state" || flunk "it does not say that the state is another run's"
passed "a run that was taken for dead does not overwrite the state of the run that took over"
