package postgrestest

import (
	"os"
	"os/exec"
	osuser "os/user"
	"strconv"
	"syscall"
)

// user is whom the server runs as: PostgreSQL refuses root.
type user struct{ uid, gid uint32 }

// unprivileged returns nil when this process is not root.
func unprivileged() *user {
	if os.Getuid() != 0 {
		return nil
	}
	for _, name := range []string{"postgres", "nobody"} {
		if found, err := osuser.Lookup(name); err == nil {
			uid, _ := strconv.ParseUint(found.Uid, 10, 32)
			gid, _ := strconv.ParseUint(found.Gid, 10, 32)
			return &user{uint32(uid), uint32(gid)}
		}
	}
	return &user{65534, 65534}
}

// Become makes cmd run as the server's user, for programs that refuse root as the server does.
func (s *Server) Become(cmd *exec.Cmd) {
	cmd.Dir = s.Dir
	s.user.become(cmd, true)
}

// Own gives a file to the server's user.
func (s *Server) Own(path string) error { return s.user.own(path) }

func (u *user) own(path string) error {
	if u == nil {
		return nil
	}
	return os.Chown(path, int(u.uid), int(u.gid))
}

// become sets the user, and with dies has the kernel stop the process when this one is killed.
func (u *user) become(cmd *exec.Cmd, dies bool) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if dies {
		cmd.SysProcAttr.Pdeathsig = syscall.SIGINT
	}
	if u != nil {
		cmd.SysProcAttr.Credential = &syscall.Credential{Uid: u.uid, Gid: u.gid}
	}
}
