#!/usr/bin/env bash
# The day's job on a machine that forgets. Between two runs the state (who reads, what was sent, what was considered) lives on
# a branch of its own, as one encrypted file. `.github/workflows/digest.yml` calls three of these steps, one after the other:
#
#   digest.sh prepare            fetch the state, add readers, gather, choose, push the state
#   digest.sh send               send the mails; refuses where "prepare" did not get to its end
#   digest.sh settle             push the state again, with what became of each mail
#
# and a person, who has the key and a clone of the repository, the fourth:
#
#   digest.sh change COMMAND …   one command of takefive on the state of the branch: digest.sh change subscribers remove ann@example.org
#
# What holds, whatever happens:
#
# - No mail leaves before the state that names it has reached the branch. If that push fails, nothing is sent.
# - The branch is replaced only where it is still what was fetched. Of two runs with the same state, the later one fails
#   before its first mail.
# - A machine that dies while it sends leaves its mails written as attempted; the next run settles them by [mail] on_unknown.
# - A branch that cannot be asked for is not taken for one that does not exist yet.
# - The branch has one commit without a parent, so that old copies do not keep the addresses of those who left.
#
# From the environment:
#
#   TAKEFIVE_STATE_KEY           what `takefive state key` prints (prepare, settle, change)
#   TAKEFIVE_SMTP_PASSWORD       the password of the user in [mail] smtp (prepare, send)
#   TAKEFIVE_SUBSCRIBERS         optional: addresses of people who asked for the digest, one a line (prepare)
#   DIGEST_DATE                  optional: the day of the edition; today by [digest] time_zone if absent (prepare)
#   DIGEST_TAKE_OVER=yes         optional: whoever began to send and has not settled is known to be dead (prepare, change)
#   DIGEST_WAITS                 optional: seconds to wait before each new try of a push
set -euo pipefail
umask 077
export GIT_TERMINAL_PROMPT=0 # nobody is there to answer
cd "$(dirname "$0")/.."

branch=state
# in the folder of git: never committed, and gone with the clone
here=$(git rev-parse --absolute-git-dir)/takefive
store=$here/takefive.db
packed=$here/state.age
known=$here/known # the commit of the branch that the state here builds on; empty where there is no branch yet
# a run that sends has settled by then, or is dead: the job ends after so many minutes
sending_minutes_max=60

say() { printf '%s\n' "$*"; }
fail() {
  # the form in which Actions shows an error above the log
  printf '::error::%s\n' "$*" >&2
  exit 1
}
takefive() { command takefive --store "$store" "$@"; }

need_key() {
  [ -n "${TAKEFIVE_STATE_KEY:-}" ] ||
    fail "TAKEFIVE_STATE_KEY is not set: make a key with 'takefive state key' and save it as a secret. Nothing is sent."
}

# the branch's commit; nothing where there is no branch; fails where the branch cannot be asked for
commit_on_branch() {
  local found
  found=$(git ls-remote origin "refs/heads/$branch") || return 1
  printf '%s' "${found%%[[:space:]]*}"
}

fetch_state() {
  rm -rf "$here"
  mkdir -p "$here"
  local commit subject minutes
  commit=$(commit_on_branch) || fail "the branch '$branch' could not be asked for, so nothing is sent"
  if [ -z "$commit" ]; then
    say "There is no branch '$branch' yet: this is the first run."
    : >"$known"
    return
  fi
  git fetch --quiet --no-tags origin "refs/heads/$branch" || fail "the branch '$branch' could not be fetched, so nothing is sent"
  commit=$(git rev-parse FETCH_HEAD)
  subject=$(git log -1 --format=%s "$commit")
  if [[ $subject == Sending* ]]; then
    minutes=$((($(date +%s) - $(git log -1 --format=%ct "$commit")) / 60))
    if [ "$minutes" -lt "$sending_minutes_max" ] && [ "${DIGEST_TAKE_OVER:-}" != yes ]; then
      fail "another run began to send $minutes minutes ago and has not settled. Wait for it; or, if it is certainly dead, set DIGEST_TAKE_OVER=yes"
    fi
    say "The run before stopped while it was sending; its mails are settled by [mail] on_unknown."
  fi
  git cat-file blob "$commit:state.age" >"$packed" || fail "the branch '$branch' holds no state.age: is it somebody else's?"
  takefive state unpack "$packed"
  printf '%s' "$commit" >"$known"
}

# push_state SUBJECT: the packed file becomes the branch; 3 where another run has been there meanwhile
push_state() {
  local blob tree commit expected now wait
  export GIT_AUTHOR_NAME=takefive GIT_AUTHOR_EMAIL=takefive@users.noreply.github.com
  export GIT_COMMITTER_NAME=$GIT_AUTHOR_NAME GIT_COMMITTER_EMAIL=$GIT_AUTHOR_EMAIL
  blob=$(git hash-object -w "$packed")
  tree=$(printf '100644 blob %s\tstate.age\n' "$blob" | git mktree)
  commit=$(git commit-tree "$tree" -m "$1") # no parent
  expected=$(cat "$known")
  for wait in 0 ${DIGEST_WAITS-5 10 20 40 80}; do
    sleep "$wait"
    if git push --quiet --force-with-lease="refs/heads/$branch:$expected" origin "$commit:refs/heads/$branch"; then
      printf '%s' "$commit" >"$known"
      return 0
    fi
    now=$(commit_on_branch) || continue
    if [ "$now" = "$commit" ]; then # it arrived; only the answer was lost
      printf '%s' "$commit" >"$known"
      return 0
    fi
    [ "$now" = "$expected" ] || return 3
  done
  return 1
}

prepare() {
  need_key
  # a folder on this machine is gone with it
  grep -v '^[[:space:]]*#' sources.toml | grep -Eq '(^|[^a-z_])smtp[[:space:]]*=' ||
    fail "sources.toml sets no [mail] smtp: the mails would lie in a folder that vanishes with this machine"
  fetch_state

  local status=0 date
  if [ -n "${TAKEFIVE_SUBSCRIBERS:-}" ]; then
    printf '%s\n' "$TAKEFIVE_SUBSCRIBERS" | takefive subscribers import - || status=$?
    case $status in
      0) ;;
      # one mistyped line is no reason to leave the others without their digest; wrong settings stop the next step
      2) say "::warning::some lines of TAKEFIVE_SUBSCRIBERS are not addresses; they are named above by their numbers" ;;
      *) fail "the subscribers could not be added, so nothing is sent" ;;
    esac
  fi

  status=0
  takefive gather ${DIGEST_DATE:+--date "$DIGEST_DATE"} || status=$?
  # 3: no source could be read today; the shelf may still have enough
  [ "$status" -eq 0 ] || [ "$status" -eq 3 ] || exit "$status"
  # asked once, so that midnight cannot fall between choosing and sending
  date=${DIGEST_DATE:-$(takefive choose --json | sed -n 's/^{"date":"\([0-9-]*\)".*/\1/p')}
  [ -n "$date" ] || fail "the day of the edition could not be told"
  takefive choose --date "$date"

  takefive state pack --before-send --edition "$date" "$packed"
  status=0
  push_state "Sending since $(date -u +%FT%TZ)" || status=$?
  case $status in
    0) printf '%s' "$date" >"$here/prepared" ;;
    3) fail "another run has saved its state since this one fetched it, so this one sends nothing: start it again" ;;
    *) fail "the state could not be pushed to the branch '$branch', so nothing is sent" ;;
  esac
}

send() {
  [ -e "$here/prepared" ] || fail "the state has not been saved, so nothing is sent: 'prepare' comes first"
  mv "$here/prepared" "$here/sent"
  # exec: a signal that stops the job must reach the program, which then ends at a safe place
  exec takefive --store "$store" send --edition "$(cat "$here/sent")"
}

settle() {
  need_key
  [ -e "$here/prepared" ] || [ -e "$here/sent" ] || fail "there is nothing to settle: 'prepare' did not get to its end"
  takefive state pack "$packed"
  local status=0
  push_state "State of $(date -u +%FT%TZ)" || status=$?
  case $status in
    0) rm -rf "$here" ;; # a machine that does not forget must not keep the addresses in the clear
    3) fail "another run has replaced the state while this one was sending; what this one sent stands in the report above" ;;
    *) fail "the state could not be pushed after sending: the next run settles these mails by [mail] on_unknown" ;;
  esac
}

change() {
  need_key
  trap 'rm -rf "$here"' EXIT
  fetch_state
  takefive "$@"
  takefive state pack --quiet "$packed"
  local status=0
  push_state "State of $(date -u +%FT%TZ)" || status=$?
  case $status in
    0) ;;
    3) fail "a run has saved its state meanwhile, so nothing was changed: start again" ;;
    *) fail "the state could not be pushed, so nothing was changed" ;;
  esac
}

case ${1:-} in
  prepare | send | settle) "$1" ;;
  change) shift && change "$@" ;;
  *)
    say "usage: $0 prepare | send | settle | change COMMAND …" >&2
    exit 2
    ;;
esac
