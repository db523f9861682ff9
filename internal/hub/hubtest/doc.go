// Package hubtest is GitHub for the tests of the hub's rooms: a Stub of one repository
// with one pull request, for roads that the fake GitHub has no faults for, and a World,
// an organisation on the fake GitHub with the App on it and an inbox at its end.
package hubtest
