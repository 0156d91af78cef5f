// Package jetstreamtest runs NATS servers with JetStream for tests and demonstrations: one, or a cluster of several on
// one machine.
//
//	cluster, err := jetstreamtest.Start(dir, 3)
//	conn, err := nats.Connect(cluster.URL())
//	err = cluster.Stop(0) // and Restart(0)
//	err = cluster.Close()
//
// The servers listen on the loopback interface only, ask nobody for a password, and are not for production. To kill a
// server instead of stopping it, run [Server.Run] in a process of its own.
package jetstreamtest

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/url"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/nats-io/nats-server/v2/server"
)

// startWait bounds how long a server may take to come up.
const startWait = 30 * time.Second

// Server is the plan of one server: where it listens, keeps its data and finds the others.
type Server struct {
	Name string
	Dir  string
	Port int // of clients
	// Monitor is the port of the server's HTTP pages; /healthz answers 200 when the server has everything it should.
	Monitor int
	Routes  []int
	Route   int // its own port among Routes; 0 when it stands alone
}

// Plan lays out a cluster of count servers below dir, on ports that are free now.
func Plan(dir string, count int) ([]Server, error) {
	if dir == "" || count < 1 || count > 9 {
		return nil, errors.New("jetstreamtest: plan: want a directory and 1 to 9 servers")
	}
	ports, err := freePorts(3 * count)
	if err != nil {
		return nil, err
	}
	servers := make([]Server, count)
	for i := range servers {
		name := fmt.Sprintf("server-%d", i+1)
		servers[i] = Server{Name: name, Dir: filepath.Join(dir, name), Port: ports[i], Monitor: ports[count+i]}
		if count > 1 {
			servers[i].Routes, servers[i].Route = ports[2*count:], ports[2*count+i]
		}
	}
	return servers, nil
}

// freePorts holds all ports at once before it lets go of them, so that they differ.
func freePorts(count int) ([]int, error) {
	ports := make([]int, count)
	for i := range ports {
		listener, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			return nil, err
		}
		defer listener.Close()
		ports[i] = listener.Addr().(*net.TCPAddr).Port
	}
	return ports, nil
}

// URL is where clients of the server connect.
func (s Server) URL() string { return fmt.Sprintf("nats://127.0.0.1:%d", s.Port) }

// URLs is where clients of several servers connect, in the form nats.Connect takes.
func URLs(servers []Server) string {
	urls := make([]string, len(servers))
	for i, s := range servers {
		urls[i] = s.URL()
	}
	return strings.Join(urls, ",")
}

// Run runs the server until the context ends.
func (s Server) Run(ctx context.Context) error {
	running, err := s.start()
	if err != nil {
		return err
	}
	<-ctx.Done()
	stop(running)
	return nil
}

func (s Server) start() (*server.Server, error) {
	options := &server.Options{
		ServerName: s.Name, Host: "127.0.0.1", Port: s.Port, HTTPHost: "127.0.0.1", HTTPPort: s.Monitor,
		NoLog: true, NoSigs: true,
		JetStream: true, StoreDir: s.Dir, JetStreamMaxMemory: 64 << 20, JetStreamMaxStore: 4 << 30,
	}
	if s.Route != 0 {
		options.Cluster = server.ClusterOpts{Name: "jetstreamtest", Host: "127.0.0.1", Port: s.Route}
		for _, port := range s.Routes {
			options.Routes = append(options.Routes, &url.URL{Scheme: "nats", Host: fmt.Sprintf("127.0.0.1:%d", port)})
		}
	}
	running, err := server.NewServer(options)
	if err != nil {
		return nil, fmt.Errorf("jetstreamtest: %s: %w", s.Name, err)
	}
	running.Start()
	if !running.ReadyForConnections(startWait) {
		stop(running)
		return nil, fmt.Errorf("jetstreamtest: %s: not ready after %v", s.Name, startWait)
	}
	return running, nil
}

func stop(running *server.Server) {
	running.Shutdown()
	running.WaitForShutdown()
}

// Cluster is a set of servers in this process.
type Cluster struct {
	servers []Server
	running []*server.Server // nil where one is stopped
}

// Start starts count servers with their data below dir and waits, some seconds, until a cluster of them has a leader.
func Start(dir string, count int) (*Cluster, error) {
	servers, err := Plan(dir, count)
	if err != nil {
		return nil, err
	}
	c := &Cluster{servers: servers, running: make([]*server.Server, count)}
	for i := range servers {
		if err := c.Restart(i); err != nil {
			return nil, errors.Join(err, c.Close())
		}
	}
	if err := c.awaitLeader(); err != nil {
		return nil, errors.Join(err, c.Close())
	}
	return c, nil
}

func (c *Cluster) awaitLeader() error {
	if len(c.servers) == 1 {
		return nil
	}
	ticker := time.NewTicker(20 * time.Millisecond)
	defer ticker.Stop()
	for deadline := time.NewTimer(startWait); ; {
		if slices.ContainsFunc(c.running, (*server.Server).JetStreamIsLeader) {
			return nil
		}
		select {
		case <-ticker.C:
		case <-deadline.C:
			return fmt.Errorf("jetstreamtest: no leader after %v", startWait)
		}
	}
}

// URL is where clients connect: all servers.
func (c *Cluster) URL() string { return URLs(c.servers) }

// Name returns the name of a server, as JetStream reports it for leaders.
func (c *Cluster) Name(i int) string { return c.servers[i].Name }

// Stop stops a server; its data stay.
func (c *Cluster) Stop(i int) error {
	if c.running[i] == nil {
		return fmt.Errorf("jetstreamtest: %s does not run", c.servers[i].Name)
	}
	stop(c.running[i])
	c.running[i] = nil
	return nil
}

// Restart starts a server that does not run, with the data it had.
func (c *Cluster) Restart(i int) error {
	if c.running[i] != nil {
		return fmt.Errorf("jetstreamtest: %s runs already", c.servers[i].Name)
	}
	running, err := c.servers[i].start()
	if err == nil {
		c.running[i] = running
	}
	return err
}

// Close stops all servers.
func (c *Cluster) Close() error {
	for i, running := range c.running {
		if running != nil {
			stop(running)
			c.running[i] = nil
		}
	}
	return nil
}
