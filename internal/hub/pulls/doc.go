// Package pulls reads pull requests and merge groups: what one is now with all of its
// range, which are open, and what was merged before.
//
// Whatever could not be read whole is a Gap of the change. A pull request of up to
// 100 files takes two requests: its state and the rules files (GraphQL) beside the
// range (REST compare). A head that moves while it is read has the code moved.
package pulls
