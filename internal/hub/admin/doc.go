// Package admin reads where and how the App is installed: its webhook and what was
// delivered to it, its installations, their repositories, quotas and environments. A
// reader tells what GitHub says; nothing here judges.
package admin
