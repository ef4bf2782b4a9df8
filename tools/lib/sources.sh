# shellcheck shell=bash
# SPDX-License-Identifier: MIT
# Which files the checks look at. Sourced after common.sh.

# sources PATHSPEC...: the files that git tracks, or would track, and that are there.
sources() {
  git ls-files --cached --others --exclude-standard -- "$@" | sort -u | while read -r file; do
    [[ -f $file ]] && printf '%s\n' "$file"
  done
}

# changed_sources PATHSPEC...: those of them that differ from where this branch left main, or from the commit before
# when it did not leave it. CHECK_BASE names another commit to compare with.
changed_sources() {
  local base=${CHECK_BASE:-} main
  if [[ -z $base ]]; then
    for main in origin/main origin/master main master; do
      base=$(git merge-base HEAD "$main" 2>/dev/null) && break
    done
    [[ -n $base && $base != "$(git rev-parse HEAD)" ]] || base=$(git rev-parse -q --verify HEAD~1) || base=HEAD
  fi
  comm -12 <(sources "$@") <({ git diff --name-only "$base"; git ls-files --others --exclude-standard; } | sort -u)
}
