package oidc_test

import (
	"fmt"
	"net/http"

	"github.com/motcua/motcua/identity"
	"github.com/motcua/motcua/identity/oidc"
)

func Example() {
	profile, err := oidc.BuiltIn("vnconnect")
	if err != nil {
		fmt.Println(err)
		return
	}
	client := oidc.Client{
		ID: "as-registered", Secret: "from your vault", RedirectURL: "https://dichvucong.example/dang-nhap/xong",
	}
	names, err := identity.NewPseudonymizer([]byte("a key of 32 bytes from your vault"))
	if err != nil {
		fmt.Println(err)
		return
	}
	signIn := func(w http.ResponseWriter, r *http.Request, login oidc.Login) {
		// begin a session for login.Subject under a fresh id, then:
		http.Redirect(w, r, login.ReturnTo, http.StatusSeeOther)
	}
	party, err := oidc.New(profile, client, names, signIn, oidc.Config{MinLevel: identity.Level2})
	if err != nil {
		fmt.Println(err)
		return
	}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /dang-nhap", party.Login)
	mux.HandleFunc("GET /dang-nhap/xong", party.Callback)
	mux.HandleFunc("POST /dang-xuat", party.Logout)
	fmt.Println(profile)
	fmt.Println("not confirmed by an official document:", profile.Provisional[:2])
	// Output:
	// vnconnect (2026-11-21)
	// not confirmed by an official document: [issuer acrValues.2]
}

func ExampleError_Text() {
	err := &oidc.Error{Kind: oidc.ErrExpired, Rule: "lifetime"}
	fmt.Println(err.Code(), err.Status())
	fmt.Println(err.Text("vi"))
	// Output:
	// oidc.expired.lifetime 400
	// Lượt đăng nhập đã hết hạn (quá 10 phút). Vui lòng đăng nhập lại.
}
