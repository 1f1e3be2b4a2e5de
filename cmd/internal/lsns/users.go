package lsns

import (
	"strconv"

	"github.com/nskit/nskit/internal/userdb"
)

// users are the names of the users met so far.
type users map[int]string

// name is a user's name, or the number when there is none.
func (u *users) name(uid int) string {
	if *u == nil {
		*u = users{}
	}
	name, met := (*u)[uid]
	if !met {
		name = strconv.Itoa(uid)
		if user, ok := userdb.UserByID(uint32(uid)); ok {
			name = user.Name
		}
		(*u)[uid] = name
	}
	return name
}
