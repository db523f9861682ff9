// Package hub is GitHub, asked and told (what GitHub tells by itself is in its
// inbox): the facts of a pull request, the texts of its files, the people who may decide
// and the check run out (Hub); and of a deployment, what goes out with it, what
// its run is and does, and the answer that GitHub waits for.
//
// What it promises:
//
//   - A token goes to the configured API host only. Redirects to another host
//     are refused, and no URL from a payload or an answer is ever followed.
//   - Whatever could not be read whole is said: as an error, as a Gap of the
//     change, as an unreadable text or as a rules file that is not Found or
//     Absent. Silence never stands for "nothing there".
//   - Every error is a *gate.Error. Its codes are rate_limited (with Until),
//     github_unavailable, no_permission, not_found, not_installed,
//     github_refused, answer_too_large, texts_past_limit, redirect_refused, moved, repository_moved,
//     queue_unreadable, deployment_not_pending and, for what a caller did wrong,
//     invalid_request.
//   - Time and memory are bounded: per request, per answer, per change and per
//     installation (at most 80 requests at once, of GitHub's 100).
//   - People are known by the ids of their accounts, never by what an event or a
//     rule calls them. What GitHub does not tell of them is not a yes.
//   - A repository is its id: requests go to it by that, and what GraphQL answers
//     under its name is held against it. Nothing is read from another one, and
//     nothing is written there.
//
// A pull request of up to 100 files takes three requests: its state and the
// rules files (GraphQL) beside the range (REST compare), then all texts and
// modes in one GraphQL query. The check run is the fourth. A deployment that
// brings up to 100 commits and 100 files takes seven: two for its run, two for
// what goes out, one for the texts, one for the check run and one for the
// comment or the answer.
//
// Types of go-github and ghinstallation do not leave this package.
package hub
