package iam

import (
	"strings"
	"testing"

	"github.com/gatehold/gatehold/internal/detect/detecttest"
)

func TestCases(t *testing.T) { detecttest.Pairs(t, New(), "../../../testdata/detect/iam") }

// What a template fills in stays a value, so that the document around it is read.
func TestFilled(t *testing.T) {
	for in, want := range map[string]string{
		`{"a": "x-${b}-y"}`:          `{"a": "x-${b}-y"}`,
		`{"a": ${jsonencode(b)}}`:    `{"a": "${jsonencode(b)}"}`,
		`{"a": "${lookup(b, "c")}"}`: `{"a": "${lookup(b, 'c')}"}`,
		"[\n%{ for a in b ~}\n1\n]":  "[\n\n1\n]",
		`{"a": {{ b | tojson }}}`:    `{"a": "{{ b | tojson }}"}`,
		`{"a": "\"${b}\""}`:          `{"a": "\"${b}\""}`,
		"{% if a %}\nb: {{ c }}\n":   "\nb: \"{{ c }}\"\n",
		"a: ${b\nc: d}":              "a: ${b\nc: d}",
	} {
		if got := filled(in); got != want {
			t.Errorf("%s: want %s, got %s", in, want, got)
		}
	}
}

func FuzzDetect(f *testing.F) {
	detecttest.Seed(f, New())
	f.Add("", strings.Repeat("${", 50)+`"Effect": "Action"`)
	f.Fuzz(func(t *testing.T, before, after string) {
		detecttest.Fuzz(t, New(), []string{"iam/a.json", "iam/a.yaml", "iam/a.json.tpl"}, before, after)
	})
}
