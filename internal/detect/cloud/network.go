package cloud

import (
	"strconv"
	"strings"

	"github.com/gatehold/gatehold/internal/detect/tree"
)

// openings finds what a resource lets in from the whole internet, whatever
// provider it is of: a map that has an address range of everyone under a name
// for a source, and is not about traffic that leaves.
func openings(r *Resource) []issue {
	t := normalType(r.Type)
	for _, w := range notDoors {
		if strings.Contains(t, w) {
			return nil
		}
	}
	w := opener{r: r, filter: isFilter(t), nacl: strings.Contains(t, "network_acl")}
	if strings.HasPrefix(t, "google_compute_firewall") && r.Body.Get("disabled").True() {
		return nil
	}
	w.walk(r.Body, false, 0)
	return w.out
}

// notDoors are types whose ranges say where traffic goes or what a network is.
var notDoors = []string{"route_table", "aws_route", "_route", "subnet", "vpc_peering", "nat_gateway", "vpn_connection",
	"dns_record", "ipam", "kubernetes_", "prefix_list"}

func isFilter(t string) bool {
	for _, w := range []string{"security_group", "securitygroup", "secgroup", "firewall", "network_acl", "network_security",
		"security_list", "access_rule", "ingress", "acl_rule", "security_rule"} {
		if strings.Contains(t, w) {
			return true
		}
	}
	return false
}

type opener struct {
	r      *Resource
	filter bool // the type is a packet filter: no ports means all ports
	nacl   bool
	out    []issue
}

func (w *opener) walk(n *tree.Node, outward bool, depth int) {
	if depth > 12 || n == nil {
		return
	}
	if n.Kind == tree.List {
		for _, item := range n.Items {
			w.walk(item, outward, depth+1)
		}
		return
	}
	if n.Kind != tree.Map || isPolicy(n) {
		return
	}
	outward = outward || leaves(n)
	if !outward && !denies(n) {
		w.rule(n)
	}
	for _, f := range n.Fields {
		if f.Value == nil || f.Value.Kind == tree.Scalar || f.Key == "tags" || f.Key == "labels" {
			continue
		}
		w.walk(f.Value, outward || isOutward(f.Key), depth+1)
	}
}

func isOutward(key string) bool {
	return strings.Contains(key, "egress") || strings.Contains(key, "outbound")
}

// leaves says that a rule is about traffic that goes out.
func leaves(n *tree.Node) bool {
	if n.Get("egress").True() {
		return true
	}
	for _, key := range []string{"direction", "type", "traffic_direction", "rule_direction"} {
		switch strings.ToLower(n.Get(key).Str()) {
		case "egress", "out", "outbound", "outgoing":
			return true
		}
	}
	return false
}

func denies(n *tree.Node) bool {
	for _, key := range []string{"action", "rule_action", "access", "policy", "effect"} {
		switch strings.ToLower(n.Get(key).Str()) {
		case "deny", "drop", "reject", "block", "denied":
			return true
		}
	}
	return n.Has("deny") && !n.Has("allow")
}

// sourceKeys are names for where traffic comes from.
func isSource(key string) bool {
	if strings.HasPrefix(key, "destination") || strings.HasPrefix(key, "dest_") || strings.Contains(key, "service_cidr") ||
		strings.Contains(key, "pod_cidr") || strings.Contains(key, "except") {
		return false
	}
	switch key {
	case "source", "sources", "cidr", "cidr_ip", "cidr_ipv6", "cidr_ipv4", "cidr_block", "cidr_blocks", "ipv6_cidr_block",
		"ipv6_cidr_blocks", "remote_ip_prefix", "ip_range", "value",
		"source_address_prefix", "source_address_prefixes", "source_ranges", "source_addresses", "source_ips", "source_ip",
		"source_cidr", "source_cidr_ip", "src_ip_ranges", "v4_cidr_blocks", "ipv6_ranges", "ip_ranges", "cidrip",
		"network_cidr", "cidr_list", "ip_block", "ipv4", "ipv6", "remote":
		return true
	}
	for _, w := range []string{"authorized_ip", "allowed_ip", "ip_rules", "whitelist", "allow_list", "allowlist",
		"allowed_cidr", "ip_white", "security_ips", "public_access_cidrs", "trusted_ip", "permitted_ip", "allowed_network",
		"access_cidr", "ip_allow", "source_cidr", "security_ip_list", "allowed_host"} {
		if strings.Contains(key, w) {
			return true
		}
	}
	return false
}

// world says whether an address range is everyone.
func world(s string) bool {
	s = strings.ToLower(strings.TrimSpace(s))
	switch s {
	case "0.0.0.0/0", "::/0", "::0/0", "0/0", "0.0.0.0", "internet", "any", "*", "<nw>/0", "all":
		return true
	}
	return wideRange(s)
}

func (w *opener) rule(n *tree.Node) {
	w.joined(n)
	at := w.everyone(n)
	if at == nil {
		return
	}
	if !w.filter && !hasPorts(n) {
		w.out = append(w.out, issue{class: Exposed, key: "world", detail: "open to every address", line: at.At()})
		return
	}
	for _, p := range portsOf(n) {
		w.open(p, at.At())
	}
}

// open notes ports that a rule on a line opens to every address.
func (w *opener) open(p portRange, line int) {
	c, rank := p.judge()
	w.out = append(w.out, issue{class: c, key: "world:" + p.String(), detail: "opens " + p.String() + " to every address",
		line: line, group: "world", rank: rank, changed: c == WorldOpenWeb})
}

// joined reads rules that are one text each: "ACCEPT#0.0.0.0/0#22#TCP".
func (w *opener) joined(n *tree.Node) {
	for _, v := range n.Get("ingress").Each() {
		parts := strings.Split(v.Str(), "#")
		if len(parts) != 4 || !strings.EqualFold(parts[0], "accept") || !world(parts[1]) {
			continue
		}
		if p, ok := parsePorts(strings.ToLower(parts[3]), parts[2]); ok {
			w.open(p, v.At())
		}
	}
}

// everyone is where a rule lets every address in, or nil.
func (w *opener) everyone(n *tree.Node) *tree.Node {
	at := worldSource(n)
	if start := n.Get("start_ip_address"); manyAddresses(start.Str(), n.Get("end_ip_address").Str()) {
		at = start
	}
	if at == nil && impliedWorld(w.r, n) {
		at = n
	}
	return at
}

// worldSource is the last source of a rule that is every address.
func worldSource(n *tree.Node) *tree.Node {
	var at *tree.Node
	for _, f := range n.Fields {
		if !isSource(f.Key) {
			continue
		}
		if manyRanges(f.Value) {
			at = f.Value
		}
		for _, v := range f.Value.Each() {
			if v.IsMap() { // an inner object: {"cidr": "0.0.0.0/0"} is found on its own
				continue
			}
			if s := v.Str(); world(s) && (!anyWord(s) || strings.HasPrefix(f.Key, "source")) {
				at = v
			}
		}
	}
	return at
}

// anyWord says whether a text means everyone under the name of a source only.
func anyWord(s string) bool {
	switch strings.ToLower(s) {
	case "*", "any", "internet", "all", "0.0.0.0":
		return true
	}
	return false
}

// impliedWorld: a Google firewall rule that names no source is open to all.
func impliedWorld(r *Resource, n *tree.Node) bool {
	if n != r.Body || r.Type != "google_compute_firewall" || !n.Has("allow") {
		return false
	}
	for _, key := range []string{"source_ranges", "source_tags", "source_service_accounts"} {
		if n.Has(key) {
			return false
		}
	}
	return true
}

type portRange struct {
	proto    string
	from, to int // 0 to 65535 is all
}

func (p portRange) String() string {
	proto := p.proto
	switch {
	case proto == "" || proto == "-1" || proto == "all" || proto == "*" || proto == "any":
		proto = ""
	case proto == "6":
		proto = "tcp "
	case proto == "17":
		proto = "udp "
	default:
		proto += " "
	}
	switch {
	case p.from <= 1 && p.to >= 65534:
		return strings.TrimSpace("all " + proto + "ports")
	case p.from == p.to:
		return proto + "port " + strconv.Itoa(p.from)
	}
	return proto + "ports " + strconv.Itoa(p.from) + "-" + strconv.Itoa(p.to)
}

// adminPorts are those of shells, databases, queues, caches and consoles.
var adminPorts = []int{20, 21, 22, 23, 69, 135, 137, 139, 161, 389, 445, 512, 513, 514, 873, 1433, 1434, 1521, 2049, 2375, 2376,
	2379, 2380, 2483, 2484, 3020, 3306, 3389,
	4333, 4505, 4506, 5432, 5500, 5601, 5672, 5900, 5984, 5985, 5986, 6379, 6443, 7000, 7001, 7199, 8020, 8500, 8888, 9042,
	9090, 9092, 9160, 9200, 9300, 10250, 10255, 11211, 11214, 11215, 15672, 27017, 27018, 27019, 50070, 61621}

func (p portRange) judge() (Class, int) {
	switch {
	case p.proto == "icmp" || p.proto == "icmpv6" || p.proto == "1" || p.proto == "58":
		return WorldOpenWeb, 1
	case p.from <= 1 && p.to >= 65535:
		return WorldOpenAdmin, 4
	case p.to-p.from > 1000:
		return WorldOpenAdmin, 3
	}
	for _, port := range adminPorts {
		if port >= p.from && port <= p.to {
			return WorldOpenAdmin, 3
		}
	}
	if p.from == p.to && (p.from == 80 || p.from == 443 || p.from == 8080 || p.from == 8443) {
		return WorldOpenWeb, 2
	}
	return WorldOpenPort, 2
}

func hasPorts(n *tree.Node) bool {
	for _, key := range []string{"from_port", "port", "ports", "port_range", "destination_port_range",
		"destination_port_ranges", "port_range_min", "dest_port", "allow"} {
		if n.Has(key) {
			return true
		}
	}
	return false
}

// portsOf reads the ports of one rule. A range the wrong way round is none.
func portsOf(n *tree.Node) []portRange {
	if allow := n.Get("allow").Each(); len(allow) > 0 && allow[0].IsMap() {
		var out []portRange
		for _, a := range allow {
			out = append(out, portsOf(a)...)
		}
		return out
	}
	proto := protocolOf(n)
	if out, written := portBounds(n, proto); written {
		return out
	}
	if out := portLists(n, proto); len(out) > 0 {
		return out
	}
	return []portRange{{proto: proto, to: 65535}}
}

func protocolOf(n *tree.Node) string {
	proto := ""
	for _, key := range []string{"protocol", "ip_protocol"} {
		if s := n.Get(key).Str(); s != "" {
			proto = strings.ToLower(s)
		}
	}
	return proto
}

// portPairs are names for the first and the last port of a range.
var portPairs = [][2]string{{"from_port", "to_port"}, {"port_range_min", "port_range_max"}, {"port_min", "port_max"},
	{"from", "to"}, {"min", "max"}}

// portBounds reads ports that are written as their first and last.
func portBounds(n *tree.Node, proto string) (out []portRange, written bool) {
	for _, pair := range portPairs {
		for _, m := range []*tree.Node{n, n.Get("port_range"), first(n.Get("tcp_options")), first(n.Get("udp_options")),
			first(n.Get("tcp")), first(n.Get("destination_port_range"))} {
			from, okF := m.Get(pair[0]).Number()
			to, okT := m.Get(pair[1]).Number()
			switch {
			case !okF && !okT:
				continue
			case from == -1 || from == 0 && to == 0:
				return []portRange{{proto: proto, to: 65535}}, true
			case proto == "-1" || proto == "all": // the ports written are not looked at
				return []portRange{{proto: proto + " (written as port " + strconv.Itoa(int(from)) + ")", to: 65534}}, true
			case !okT:
				to = from
			case from > to:
				return nil, true
			}
			return []portRange{{proto, int(from), int(to)}}, true
		}
	}
	return nil, false
}

// portLists reads ports that are written as texts.
func portLists(n *tree.Node, proto string) []portRange {
	var out []portRange
	for _, key := range []string{"ports", "port", "port_range", "port_ranges", "destination_port_range",
		"destination_port_ranges", "dest_port", "dst_port_range"} {
		for _, v := range n.Get(key).Each() {
			if s := v.Str(); s != "" {
				if p, ok := parsePorts(proto, s); ok {
					out = append(out, p)
				}
			}
		}
	}
	return out
}

func first(n *tree.Node) *tree.Node {
	if each := n.Each(); len(each) > 0 {
		return each[0]
	}
	return nil
}

// parsePorts reads "22", "20-25", "1/65535", "*"; names are read as unknown
// ports, which is not none.
func parsePorts(proto, s string) (portRange, bool) {
	s = strings.TrimSpace(s)
	if s == "*" || s == "-1/-1" || strings.EqualFold(s, "all") || strings.EqualFold(s, "any") {
		return portRange{proto: proto, to: 65535}, true
	}
	a, b, ranged := strings.Cut(strings.NewReplacer("/", "-", ":", "-").Replace(s), "-")
	from, err := strconv.Atoi(strings.TrimSpace(a))
	if err != nil {
		return portRange{}, false
	}
	to := from
	if ranged {
		if to, err = strconv.Atoi(strings.TrimSpace(b)); err != nil {
			return portRange{}, false
		}
	}
	return portRange{proto, from, to}, from <= to
}
