//go:build !linux

package postgrestest

import "os/exec"

// user is whom the server runs as; elsewhere than on Linux nobody runs this as root.
type user struct{}

func unprivileged() *user { return nil }

// Become makes cmd run as the server's user, for programs that refuse root as the server does.
func (s *Server) Become(cmd *exec.Cmd) { cmd.Dir = s.Dir }

// Own gives a file to the server's user.
func (s *Server) Own(string) error { return nil }

func (*user) own(string) error { return nil }

func (*user) become(*exec.Cmd, bool) {}
