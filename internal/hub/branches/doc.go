// Package branches reads a branch: where it is, what it has, who moved it, and what
// GitHub itself requires on it. Of what is in force nothing is judged here.
package branches
