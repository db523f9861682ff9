//go:build !race

package iac

import (
	"strings"
	"testing"
	"time"

	"github.com/gatehold/gatehold/internal/detect/bound"
	"github.com/gatehold/gatehold/internal/detect/detecttest"
)

// hostile are units that are repeated: what nests, chains, repeats or never ends.
var hostile = []string{"(", "{", "[", "new s3.Bucket(this, 'a', {", "a.b", ".b()", "a.build().", "new T<", "a(b, ", "x = ", "{a: ", "...a, ",
	"const a = a;\n", "import ", "import a from ", "require(", "=> {", "a ? b : ", "`${", "f'{", "resource a 'b' = {", "@a(", "import (\n",
	"new s3.Bucket(this, 'B', { a: b });\n", "t.addIngressRule(ec2.Peer.anyIpv4(), ec2.Port.tcp(22));\n", "a: {\n", "a.builder().b(c).build()."}

// A text that is read in no time needs no second look.
func TestReadingIsLinear(t *testing.T) {
	const size, quick = 32 << 10, 24 * time.Millisecond
	for _, path := range []string{"a/stack.ts", "a/stack.py", "main.bicep"} {
		for _, unit := range hostile {
			of := func(size int) func() {
				text := "aws-cdk pulumi resource " + detecttest.Repeated(unit, size)
				return func() {
					_ = bound.Catch(func() { detecttest.Observe(New(), detecttest.File(path, "aws-cdk", text)) })
				}
			}
			if detecttest.Cost(of(size)) > quick {
				detecttest.Linear(t, path+" of "+unit, size, of)
			}
		}
	}
}

// A variable that stands for much in many places costs what it costs once each,
// to a bound.
func TestSpreadingIsLinear(t *testing.T) {
	for _, of := range []func(n int) string{
		func(n int) string {
			return "const p = {" + strings.Repeat("a: {}, ", n) + "};\n" + strings.Repeat("new s3.Bucket(this, 'B', { ...p });\n", n)
		},
		func(n int) string {
			return "const p = { ...p, ...p };\n" + strings.Repeat("new s3.Bucket(this, 'B', p);\n", n)
		},
	} {
		detecttest.Linear(t, "spread", 2_000, func(size int) func() {
			text := "aws-cdk\n" + of(size/8)
			return func() {
				_ = bound.Catch(func() { detecttest.Observe(New(), detecttest.File("a/stack.ts", "aws-cdk", text)) })
			}
		})
	}
}

func TestHostileFilesEnd(t *testing.T) {
	detecttest.HostileFilesEnd(t, New(), "azuredeploy.json", "Pulumi.yaml")
}
