package iac

import (
	"strings"

	"github.com/gatehold/gatehold/internal/detect/construct"
	"github.com/gatehold/gatehold/internal/detect/tree"
)

// doors are the calls that let traffic in, and which of their arguments say from
// whom and to which port; -1: nobody is named, it is everybody, or it is the port
// that the thing itself listens on.
var doors = map[string]struct{ peer, port int }{
	"addingressrule": {0, 1}, "allowfrom": {0, 1}, "allowdefaultportfrom": {0, -1},
	"allowfromanyipv4": {-1, 0}, "allowdefaultportfromanyipv4": {-1, -1}, "allowfromanyipv6": {-1, 0},
}

// lets takes over a call that lets everybody in.
func (r *programReader) lets(c *construct.Call, name string) {
	door, is := doors[name]
	if !is {
		return
	}
	source := "0.0.0.0/0"
	if door.peer >= 0 {
		if source = r.peer(c, door.peer); source == "" {
			return
		}
	}
	from, to, proto := r.listens(c), "", "tcp"
	if door.port >= 0 {
		from, to, proto = r.port(c, door.port)
	}
	if to == "" {
		to = from
	}
	if from == "" {
		return
	}
	line := c.Line
	r.part(c, "aws_security_group_rule", mapOf(line, field("type", plain("ingress", line)), field("protocol", plain(proto, line)),
		field("from_port", plain(from, line)), field("to_port", plain(to, line)), field("cidr_blocks", plain(source, line))))
}

// argument is an argument by its place or, in Python, by its name.
func argument(c *construct.Call, i int, names ...string) *tree.Node {
	for _, name := range names {
		if v := c.Set.Get(name); v != nil {
			return v
		}
	}
	return c.Arg(i)
}

// peer is the range of addresses that an argument names: "" where it names none.
func (r *programReader) peer(c *construct.Call, i int) string {
	n := r.program.Value(argument(c, i, "peer", "other"))
	call := r.program.CallOf(n)
	if call == nil {
		return ""
	}
	switch folded(call) {
	case "anyipv4":
		return "0.0.0.0/0"
	case "anyipv6":
		return "::/0"
	case "ipv4", "ipv6":
		return r.of(call.Arg(0)).Str()
	}
	return ""
}

// namedPorts are the constants for ports.
var namedPorts = map[string]string{"SSH": "22", "HTTP": "80", "HTTPS": "443", "POSTGRES": "5432", "MYSQL_AURORA": "3306", "MSSQL": "1433",
	"REDIS": "6379", "RDP": "3389", "ORACLE_RDS": "1521", "REDSHIFT": "5439", "NFS": "2049", "SMTP": "25", "DNS_TCP": "53"}

// port reads ec2.Port.tcp(22), tcpRange(1, 2), allTraffic() and the like.
func (r *programReader) port(c *construct.Call, i int) (from, to, proto string) {
	n := r.program.Value(argument(c, i, "connection", "port_range"))
	call := r.program.CallOf(n)
	if call == nil {
		name := r.of(n).Str()
		return namedPorts[name], "", "tcp"
	}
	switch name := folded(call); name {
	case "tcp", "udp":
		return r.of(call.Arg(0)).Str(), "", name
	case "tcprange", "udprange":
		return r.of(call.Arg(0)).Str(), r.of(call.Arg(1)).Str(), name[:3]
	case "alltcp", "alludp":
		return "0", "65535", name[3:]
	case "alltraffic":
		return "0", "65535", "-1"
	}
	return "", "", ""
}

// listens is the port of what a call is made on, as far as its type or name says.
func (r *programReader) listens(c *construct.Call) string {
	name := r.holder(c)
	typ := ""
	if res := r.vars[name]; res != nil {
		typ = res.Type
	}
	said := strings.ToLower(typ + " " + name)
	for _, known := range []struct{ word, port string }{{"redis", "6379"}, {"cache", "6379"}, {"mysql", "3306"}, {"aurora", "3306"},
		{"rds", "5432"}, {"database", "5432"}, {"db", "5432"}, {"postgres", "5432"}, {"redshift", "5439"}, {"msk", "9092"},
		{"efs", "2049"}, {"file", "2049"}, {"bastion", "22"}, {"balanc", "443"}, {"alb", "443"}, {"nlb", "443"}, {"lb", "443"},
		{"listener", "443"}} {
		if strings.Contains(said, known.word) {
			return known.port
		}
	}
	return "8000"
}
