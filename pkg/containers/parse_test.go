package containers

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

var parsed = []struct {
	name  string
	parse parser
	id    string
	text  string
	want  []Container
}{
	{"runc", parseRunc, "web", `{"id":"web","init_process_pid":1833,"init_process_start":124352,"config":{"pid":7,"init_process_pid":9}}`, []Container{{ID: "web", PID: 1833, Started: 124352}}},
	{"crun", parseCrun, "web", "{\n    \"pid\": 1888,\n    \"process-start-time\": 125932,\n    \"cgroup-path\": \"\"\n}\n", []Container{{ID: "web", PID: 1888, Started: 125932}}},
	{"crun, a text for a number", parseCrun, "web", `{"pid":"1888"}`, nil},
	{"crun, no pid", parseCrun, "web", `{}`, nil},
	{"crun, a list", parseCrun, "web", `[{"pid":1888}]`, nil},
	{"crun, a fraction", parseCrun, "web", `{"pid":1.5}`, nil},
	{"crun, negative", parseCrun, "web", `{"pid":-5}`, nil},
	{"crun, beyond the kernel's range", parseCrun, "web", `{"pid":4194305}`, nil},
	{"crun, beyond any range", parseCrun, "web", `{"pid":99999999999999999999999}`, nil},
	{"crun, cut off", parseCrun, "web", `{"pid":12`, nil},
	{"docker, running", parseDocker, hashA, `{"State":{"Running":true,"Pid":55},"ID":"x","Name":"/web","Config":{"Name":"no"}}`, []Container{{ID: hashA, Name: "web", PID: 55}}},
	{"docker, stopped", parseDocker, hashA, `{"State":{"Running":false,"Pid":0},"Name":"/web"}`, []Container{{ID: hashA, Name: "web"}}},
	{"docker, a name with an escape sequence", parseDocker, hashA, `{"Name":"/we\u001b[31mb"}`, nil},
	{"docker, a name that leaves its directory", parseDocker, hashA, `{"Name":"/../../etc"}`, nil},
	{"bundle of Kubernetes", parseBundle, hashA, `{"annotations":{"io.kubernetes.cri.container-name":"app","io.kubernetes.cri.sandbox-name":"pod-1"}}`, []Container{{ID: hashA, Name: "pod-1/app"}}},
	{"bundle of Kubernetes, with the namespace", parseBundle, hashA, `{"annotations":{"io.kubernetes.cri.container-name":"app","io.kubernetes.cri.sandbox-name":"pod-1","io.kubernetes.cri.sandbox-namespace":"prod"}}`, []Container{{ID: hashA, Name: "pod-1/app", Pod: "prod/pod-1/app"}}},
	{"bundle of a sandbox, with the namespace", parseBundle, hashA, `{"annotations":{"io.kubernetes.cri.sandbox-name":"pod-1","io.kubernetes.cri.sandbox-namespace":"prod"}}`, []Container{{ID: hashA, Pod: "prod/pod-1"}}},
	{"bundle with a namespace that is none", parseBundle, hashA, `{"annotations":{"io.kubernetes.cri.container-name":"app","io.kubernetes.cri.sandbox-name":"pod-1","io.kubernetes.cri.sandbox-namespace":"\u001b[31m"}}`, []Container{{ID: hashA, Name: "pod-1/app"}}},
	{"docker of Kubernetes", parseDocker, hashA, `{"State":{"Running":true,"Pid":55},"Name":"/k8s_app_pod-1_prod_2f4e-11_0"}`, []Container{{ID: hashA, Name: "k8s_app_pod-1_prod_2f4e-11_0", Pod: "prod/pod-1/app", PID: 55}}},
	{"storage of CRI-O", parseStorage, "", `[{"id":"` + hashA + `","names":["k8s_POD_pod-1_prod_2f4e-11_0"]},{"id":"` + hashB + `","names":["k8s_x"]}]`, []Container{{ID: hashA, Name: "k8s_POD_pod-1_prod_2f4e-11_0", Pod: "prod/pod-1"}, {ID: hashB, Name: "k8s_x"}}},
	{"bundle of a pod's sandbox", parseBundle, hashA, `{"annotations":{"io.kubernetes.cri.sandbox-name":"pod-1"}}`, []Container{{ID: hashA}}},
	{"bundle of nerdctl", parseBundle, hashA, `{"annotations":{"nerdctl/name":"web"}}`, []Container{{ID: hashA, Name: "web"}}},
	{"bundle with a name that leaves its pod", parseBundle, hashA, `{"annotations":{"io.kubernetes.cri.container-name":"app","io.kubernetes.cri.sandbox-name":"../x"}}`, nil},
	{"storage", parseStorage, "", `[{"id":"` + hashA + `","names":["web","alias"],"layer":"l"},{"id":"` + hashB + `"}]`, []Container{{ID: hashA, Name: "web"}, {ID: hashB}}},
	{"storage, one bad name", parseStorage, "", `[{"id":"../x","names":["web"]},{"id":"` + hashB + `"}]`, []Container{{ID: hashB}}},
	{"storage, no list", parseStorage, "", `{"":{"id":"x"}}`, nil},
	{"storage, a name that is none", parseStorage, "", `[{"id":"` + hashA + `","names":7},{"id":"` + hashB + `"}]`, []Container{{ID: hashA}, {ID: hashB}}},
	{"bundle with other annotations", parseBundle, hashA, `{"annotations":{"a":1,"nerdctl/name":"web"}}`, []Container{{ID: hashA, Name: "web"}}},
	{"docker, a number that is none", parseDocker, hashA, `{"State":{"Running":true,"Pid":"55"},"Name":"/web"}`, nil},
	{"storage, empty", parseStorage, "", `[]`, nil},
	{"pid file", parsePIDFile, hashA, "42", []Container{{ID: hashA, PID: 42}}},
	{"pid file, a line", parsePIDFile, hashA, "42\n", []Container{{ID: hashA, PID: 42}}},
	{"pid file, empty", parsePIDFile, hashA, "", nil},
	{"pid file, more than a number", parsePIDFile, hashA, "42 43", nil},
	{"machine", parseMachine, "box", "# a comment\nNAME=box\nSERVICE=\"systemd-nspawn\"\nCLASS=container\nLEADER=77\n", []Container{{ID: "box", PID: 77}}},
	{"virtual machine", parseMachine, "box", "CLASS=vm\nLEADER=77\n", nil},
	{"LXC", parseLXC, "box", "lxc.uts.name = box\n", []Container{{ID: "box"}}},
}

func TestParsers(t *testing.T) {
	for _, c := range parsed {
		got, err := c.parse(c.id, c.text)
		if diff := cmp.Diff(c.want, got); diff != "" && len(c.want)+len(got) > 0 {
			t.Errorf("%s (error %v): %s", c.name, err, diff)
		}
	}
}

func FuzzParsers(f *testing.F) {
	for _, c := range parsed {
		f.Add(c.id, c.text)
	}
	f.Fuzz(func(t *testing.T, id, text string) {
		for _, k := range kept {
			found, err := k.parse(id, text)
			if err != nil && found != nil {
				t.Errorf("%s: both %v and an error, %v", k.pattern, found, err)
			}
			for _, c := range found {
				if !validName(c.ID) || c.PID < 0 || c.PID > maxPID {
					t.Errorf("%s: %+v", k.pattern, c)
				}
			}
		}
	})
}

func TestParseStat(t *testing.T) {
	const tail = " 1 1 1 0 -1 4194560 1 0 0 0 0 0 0 0 20 0 1 0 125932 2 3\n"
	for _, c := range []struct {
		stat    string
		started uint64
		dead    bool
	}{
		{"12 (sleep) S" + tail, 125932, false},
		{"12 (a) b) S (x) R" + tail, 125932, false},
		{"12 (sleep) Z" + tail, 125932, true},
		{"", 0, true},
		{"12 (sleep) S 1 1\n", 0, true},
	} {
		started, dead := parseStat(c.stat)
		if started != c.started || dead != c.dead {
			t.Errorf("parseStat(%q) = %d, %v; want %d, %v", c.stat, started, dead, c.started, c.dead)
		}
	}
}
