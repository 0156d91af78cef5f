package payment_test

import (
	"encoding/json"
	"errors"
	"math"
	"testing"

	"github.com/motcua/motcua/payment"
)

func TestParseVND(t *testing.T) {
	tests := []struct {
		in   string
		want payment.VND
		bad  bool
	}{
		{in: "0"}, {in: "8000", want: 8000}, {in: "8.000", want: 8000}, {in: "8.000 đồng", want: 8000},
		{in: "8000đ", want: 8000}, {in: "8.000 ₫", want: 8000}, {in: "1.234.567", want: 1234567}, {in: "-8.000", want: -8000},
		{in: "9.007.199.254.740.991 đồng", want: payment.MaxVND}, {in: "9007199254740992", bad: true},
		{in: "99999999999999999999", bad: true}, {in: "", bad: true}, {in: "đồng", bad: true}, {in: "08", bad: true},
		{in: "8,000", bad: true}, {in: "8.00", bad: true}, {in: "8.0000", bad: true}, {in: "1234.567", bad: true},
		{in: ".000", bad: true}, {in: "8.", bad: true}, {in: "8.000.", bad: true}, {in: "8000.00", bad: true},
		{in: "+8", bad: true}, {in: "--8", bad: true}, {in: "8e3", bad: true}, {in: " 8", bad: true}, {in: "８", bad: true},
		{in: "8 000", bad: true}, {in: "8 đ đ", bad: true}, {in: "0.000", bad: true},
	}
	for _, test := range tests {
		t.Run(test.in, func(t *testing.T) {
			got, err := payment.ParseVND(test.in)
			var invalid *payment.InvalidError
			if got != test.want || errors.As(err, &invalid) != test.bad {
				t.Errorf("ParseVND = %d, %v; want %d, refused %v", got, err, test.want, test.bad)
			}
		})
	}
}

func TestVNDString(t *testing.T) {
	for v, want := range map[payment.VND]string{0: "0 đồng", 8: "8 đồng", 999: "999 đồng", 8000: "8.000 đồng",
		1234567: "1.234.567 đồng", -8000: "-8.000 đồng", -100: "-100 đồng"} {
		if got := v.String(); got != want {
			t.Errorf("String = %q, want %q", got, want)
		}
	}
}

func TestVNDArithmetic(t *testing.T) {
	const m = payment.MaxVND
	sums := []struct {
		a, b, want payment.VND
		over       bool
	}{{a: 1, b: 2, want: 3}, {a: m, b: 0, want: m}, {a: m, b: 1, over: true}, {a: -m, b: -1, over: true}, {a: m, b: -m},
		{a: math.MaxInt64, b: math.MaxInt64, over: true}, {a: math.MinInt64, b: math.MinInt64, over: true}}
	for _, test := range sums {
		if got, err := test.a.Add(test.b); got != test.want || errors.Is(err, payment.ErrOverflow) != test.over {
			t.Errorf("%d + %d = %d, %v", test.a, test.b, got, err)
		}
	}
	products := []struct {
		a    payment.VND
		n    int64
		want payment.VND
		over bool
	}{{a: 8000, n: 3, want: 24000}, {a: m, n: 1, want: m}, {a: m, n: 2, over: true}, {a: m, n: -1, want: -m},
		{a: 1 << 40, n: 1 << 40, over: true}, {a: 1 << 32, n: 1 << 32, over: true}, {a: 5, n: 0},
		{a: -1, n: math.MinInt64, over: true}, {a: 0, n: math.MaxInt64, over: true}}
	for _, test := range products {
		if got, err := test.a.Mul(test.n); got != test.want || errors.Is(err, payment.ErrOverflow) != test.over {
			t.Errorf("%d × %d = %d, %v", test.a, test.n, got, err)
		}
	}
}

func TestVNDJSON(t *testing.T) {
	raw, err := json.Marshal(payment.VND(8000))
	if err != nil || string(raw) != "8000" {
		t.Errorf("Marshal = %s, %v", raw, err)
	}
	for _, bad := range []string{`8000.5`, `8e3`, `"8000"`, `99999999999999999999`} {
		var v payment.VND
		if err := json.Unmarshal([]byte(bad), &v); err == nil {
			t.Errorf("%s was read as %d", bad, v)
		}
	}
}

func FuzzParseVND(f *testing.F) {
	for _, s := range []string{"8000", "8.000 đồng", "-1.234.567đ", "9007199254740991", "0.1"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		v, err := payment.ParseVND(s)
		if err != nil {
			return
		}
		if again, err := payment.ParseVND(v.String()); err != nil || again != v {
			t.Errorf("ParseVND(%q) = %d, %v; want %d", v.String(), again, err, v)
		}
	})
}
