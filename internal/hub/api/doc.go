// Package api is the way to GitHub and back: as the App itself, and as each of its
// installations. It has no subject of its own; whoever asks for something names a
// Route, builds a Request and reads the answer.
//
// What it promises:
//
//   - A token goes to the configured API host only. Redirects to another host or to
//     another repository are refused, and no URL from a payload or an answer is ever
//     followed. Only the two addresses by which people sign in are elsewhere, and no
//     Authorization goes there.
//   - Every error is a *gate.Error. Its codes are rate_limited (with Until),
//     github_unavailable, no_permission, not_found, not_installed, github_refused,
//     answer_too_large, redirect_refused, repository_moved, archived,
//     ip_not_allowed, sso_required, suspended and, for what a caller did wrong,
//     invalid_request.
//   - Time and memory are bounded: per request, per answer and per installation (at
//     most 80 requests at once, of GitHub's 100). An answer that has not changed costs
//     none of the quota; it is kept for its installation alone.
//   - A repository is its id: requests go to it by that, and what GraphQL answers
//     under its name is held against it (ByName, Placed), here and nowhere else.
//
// Types of go-github and ghinstallation do not leave this package.
package api
