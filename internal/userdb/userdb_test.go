package userdb

import "testing"

const passwd = "root:x:0:0:root:/root:/bin/bash\n# none\njo:x:1000:1001:Jo:/home/jo:\nshort:x\nbad:x:many:1:::\nlast:x:7:8::/:/bin/sh"

func TestFind(t *testing.T) {
	for _, tt := range []struct {
		column int
		value  string
		want   User
		ok     bool
	}{
		{0, "jo", User{"jo", 1000, 1001, ""}, true},
		{2, "0", User{"root", 0, 0, "/bin/bash"}, true},
		{2, "7", User{"last", 7, 8, "/bin/sh"}, true},
		{0, "nobody", User{}, false},
		{0, "short", User{}, false},
		{0, "bad", User{}, false},
		{0, "", User{}, false},
	} {
		got, ok := parseUser(find(passwd, tt.column, tt.value))
		if got != tt.want || ok != tt.ok {
			t.Errorf("%q in column %d: %v, %v; want %v, %v", tt.value, tt.column, got, ok, tt.want, tt.ok)
		}
	}
}

func TestOtherSource(t *testing.T) {
	for text, want := range map[string]bool{
		"":                                   false,
		"passwd: files\n":                    false,
		"passwd: compat # ldap\n":            false,
		"passwd: files systemd\n":            true,
		"passwd: files [NOTFOUND=return]\n":  false,
		"group: ldap\npasswd:\tfiles\n":      false,
		"shadow: files\npasswd: files sss\n": true,
	} {
		if got := OtherSource(text, "passwd"); got != want {
			t.Errorf("%q: %v, want %v", text, got, want)
		}
	}
}
