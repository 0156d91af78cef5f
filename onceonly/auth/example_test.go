package auth_test

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"github.com/motcua/motcua/onceonly/auth"
)

func ExampleTimestamped() {
	login, err := auth.NewTimestamped("qnm", "bí mật", auth.Seconds, auth.Config{
		Now: func() time.Time { return time.Unix(1795000000, 0) },
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	req, err := http.NewRequest(http.MethodPost, "https://register.example/tra-cuu", nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	if err := login.Authenticate(context.Background(), req); err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(req.Header.Get("Timestamp"), len(req.Header.Get("Authorization")), login)
	// Output: 1795000000 98 auth.Timestamped
}
