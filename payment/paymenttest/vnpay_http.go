package paymenttest

import (
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/motcua/motcua/payment"
)

// Paths of the simulator, as at VNPAY.
const (
	PayPath = "/paymentv2/vpcpay.html"
	APIPath = "/merchant_webapi/api/transaction"
)

// ServeHTTP serves the pay page ([PayPath]), its buttons and the API ([APIPath]).
func (v *VNPAY) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'")
	w.Header().Set("Cache-Control", "no-store")
	switch {
	case r.URL.Path == PayPath && r.Method == http.MethodGet:
		v.servePage(w, r)
	case r.URL.Path == PayPath && r.Method == http.MethodPost:
		v.serveButton(w, r)
	case r.URL.Path == APIPath && r.Method == http.MethodPost:
		v.serveAPI(w, r)
	default:
		http.NotFound(w, r)
	}
}

// servePage verifies a pay URL and shows the page.
func (v *VNPAY) servePage(w http.ResponseWriter, r *http.Request) {
	fields, hash, ok := readQuery(r.URL.RawQuery)
	switch {
	case !ok:
		v.show(w, http.StatusBadRequest, page{Problem: "Yêu cầu thanh toán không hợp lệ (mã 03)."})
		return
	case !v.hashed(hashText(fields), hash):
		v.show(w, http.StatusBadRequest, page{Problem: "Sai chữ ký (mã 70). Yêu cầu thanh toán không được chấp nhận."})
		return
	}
	if problem := v.problem(fields); problem != "" {
		v.show(w, http.StatusBadRequest, page{Problem: problem})
		return
	}
	tx, fresh := v.begin(fields)
	if !fresh {
		v.show(w, http.StatusConflict, page{Problem: "Giao dịch đã tồn tại hoặc đã kết thúc (mã 01)."})
		return
	}
	hundredths, _ := strconv.ParseInt(tx.amount, 10, 64)
	v.show(w, http.StatusOK, page{Reference: tx.reference, Info: tx.info, Terminal: v.terminal,
		Amount: payment.VND(hundredths / 100), Until: until(tx.expires)})
}

// readQuery reads parameters that stand there once.
func readQuery(query string) (fields map[string]string, hash string, ok bool) {
	values, err := url.ParseQuery(query)
	if err != nil || len(query) > 8<<10 {
		return nil, "", false
	}
	fields = make(map[string]string)
	for name, list := range values {
		if len(list) != 1 || !strings.HasPrefix(name, "vnp_") {
			return nil, "", false
		}
		if name == "vnp_SecureHashType" { // of versions 2.0.x
			return nil, "", false
		}
		if name == "vnp_SecureHash" {
			hash = list[0]
			continue
		}
		fields[name] = list[0]
	}
	return fields, hash, true
}

// problem names what is wrong with a genuine pay URL.
func (v *VNPAY) problem(f map[string]string) string {
	for _, name := range []string{"vnp_TxnRef", "vnp_OrderInfo", "vnp_OrderType", "vnp_ReturnUrl", "vnp_IpAddr"} {
		if f[name] == "" {
			return "Thiếu trường " + name + " (mã 03)."
		}
	}
	amount, err := strconv.ParseInt(f["vnp_Amount"], 10, 64)
	back, backErr := url.Parse(f["vnp_ReturnUrl"])
	created, createdErr := time.ParseInLocation(stamp, f["vnp_CreateDate"], hanoi)
	expires, expiresErr := time.ParseInLocation(stamp, f["vnp_ExpireDate"], hanoi)
	switch {
	case f["vnp_Version"] != "2.1.0" || f["vnp_Command"] != "pay" || f["vnp_CurrCode"] != "VND":
		return "Phiên bản, lệnh hoặc loại tiền không đúng (mã 03)."
	case f["vnp_TmnCode"] != v.terminal:
		return "Mã website không tồn tại (mã 02)."
	case f["vnp_Locale"] != "vn" && f["vnp_Locale"] != "en":
		return "Ngôn ngữ không đúng (mã 03)."
	case err != nil || amount <= 0 || len(f["vnp_Amount"]) > 12:
		return "Số tiền không hợp lệ (mã 03)."
	case backErr != nil || back.Scheme != "https" && back.Scheme != "http" || back.Host == "":
		return "Địa chỉ trả về không hợp lệ (mã 03)."
	case createdErr != nil || expiresErr != nil || !expires.After(created):
		return "Thời gian không hợp lệ (mã 03)."
	case v.cfg.Now().After(expires):
		return "Giao dịch đã quá thời gian chờ thanh toán (mã 15)."
	}
	return ""
}

// begin keeps a transaction, or finds the one that its payer has only looked at so far.
func (v *VNPAY) begin(f map[string]string) (transaction, bool) {
	v.mu.Lock()
	defer v.mu.Unlock()
	tx := v.transactions[f["vnp_TxnRef"]]
	if tx != nil {
		return *tx, tx.status == "01" && tx.amount == f["vnp_Amount"] && tx.created == f["vnp_CreateDate"]
	}
	if len(v.transactions) >= maxTransactions {
		return transaction{}, false
	}
	tx = &transaction{reference: f["vnp_TxnRef"], amount: f["vnp_Amount"], info: f["vnp_OrderInfo"],
		created: f["vnp_CreateDate"], expires: f["vnp_ExpireDate"], returnURL: f["vnp_ReturnUrl"], status: "01"}
	v.transactions[tx.reference] = tx
	return *tx, true
}

// serveButton pays or gives up, calls back, and sends the browser home.
func (v *VNPAY) serveButton(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, 4<<10)
	button := Button(r.PostFormValue("button"))
	if button != Succeed && button != Cancel && button != Poor {
		v.show(w, http.StatusBadRequest, page{Problem: "Thao tác không hợp lệ (mã 03)."})
		return
	}
	back, err := v.press(r.Context(), r.PostFormValue("reference"), button)
	if err != nil {
		v.show(w, http.StatusConflict, page{Problem: "Giao dịch đã kết thúc hoặc không tồn tại (mã 01)."})
		return
	}
	http.Redirect(w, r, back, http.StatusSeeOther)
}

// serveAPI answers querydr. Numbers are strings here, as at VNPAY.
func (v *VNPAY) serveAPI(w http.ResponseWriter, r *http.Request) {
	var q map[string]string
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, 16<<10))
	if err != nil || json.Unmarshal(body, &q) != nil {
		v.answerAPI(w, map[string]string{"vnp_ResponseCode": "03", "vnp_Message": "Bad format"})
		return
	}
	text := strings.Join([]string{q["vnp_RequestId"], q["vnp_Version"], q["vnp_Command"], q["vnp_TmnCode"],
		q["vnp_TxnRef"], q["vnp_TransactionDate"], q["vnp_CreateDate"], q["vnp_IpAddr"], q["vnp_OrderInfo"]}, "|")
	answer := map[string]string{"vnp_Command": q["vnp_Command"], "vnp_TxnRef": q["vnp_TxnRef"],
		"vnp_OrderInfo": q["vnp_OrderInfo"]}
	v.mu.Lock()
	tx := v.transactions[q["vnp_TxnRef"]]
	switch {
	case !v.hashed(text, q["vnp_SecureHash"]):
		answer["vnp_ResponseCode"], answer["vnp_Message"] = "97", "Checksum failed"
	case q["vnp_TmnCode"] != v.terminal:
		answer["vnp_ResponseCode"], answer["vnp_Message"] = "02", "Merchant invalid"
	case q["vnp_Command"] != "querydr" || q["vnp_RequestId"] == "" || len(q["vnp_RequestId"]) > 32:
		answer["vnp_ResponseCode"], answer["vnp_Message"] = "03", "Data invalid"
	case tx == nil || tx.created != q["vnp_TransactionDate"]:
		answer["vnp_ResponseCode"], answer["vnp_Message"] = "91", "Transaction not found"
	default:
		answer["vnp_ResponseCode"], answer["vnp_Message"] = "00", "QueryDR Success"
		answer["vnp_Amount"], answer["vnp_BankCode"], answer["vnp_PayDate"] = tx.amount, "NCB", tx.paid
		answer["vnp_TransactionNo"], answer["vnp_TransactionType"] = tx.number, "01"
		answer["vnp_TransactionStatus"] = tx.status
	}
	v.last++
	answer["vnp_ResponseId"] = strconv.FormatInt(v.last, 10)
	v.mu.Unlock()
	v.answerAPI(w, answer)
}

// answerAPI signs an answer: fifteen fields, joined by pipes, empty ones included.
func (v *VNPAY) answerAPI(w http.ResponseWriter, a map[string]string) {
	a["vnp_TmnCode"] = v.terminal
	text := strings.Join([]string{a["vnp_ResponseId"], a["vnp_Command"], a["vnp_ResponseCode"], a["vnp_Message"],
		a["vnp_TmnCode"], a["vnp_TxnRef"], a["vnp_Amount"], a["vnp_BankCode"], a["vnp_PayDate"],
		a["vnp_TransactionNo"], a["vnp_TransactionType"], a["vnp_TransactionStatus"], a["vnp_OrderInfo"],
		a["vnp_PromotionCode"], a["vnp_PromotionAmount"]}, "|")
	a["vnp_SecureHash"] = v.hash(text)
	w.Header().Set("Content-Type", "application/json")
	json.NewEncoder(w).Encode(a)
}

func until(expires string) string {
	t, err := time.ParseInLocation(stamp, expires, hanoi)
	if err != nil {
		return ""
	}
	return t.Format("02/01/2006 15:04")
}

type page struct {
	Problem, Reference, Info, Terminal, Until string
	Amount                                    payment.VND
}

func (v *VNPAY) show(w http.ResponseWriter, status int, p page) {
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(status)
	v.page.Execute(w, p)
}

// payPage works at 360 px, by keyboard, read aloud, and without JavaScript.
const payPage = `<!doctype html>
<html lang="vi">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{{if .Problem}}Không thể thanh toán{{else}}Thanh toán{{end}} - VNPAY mô phỏng</title>
<style>
body{margin:0;font:1.125rem/1.5 "Be Vietnam Pro",system-ui,sans-serif;color:#0b0c0c;background:#fff}
main{max-width:34rem;margin:0 auto;padding:1rem}
h1{font-size:1.75rem;line-height:1.25}
.note{border-left:.5rem solid #1d4f91;padding:.25rem 1rem;margin:1rem 0}
dl{margin:1.5rem 0}dt{font-weight:700}dd{margin:0 0 1rem;overflow-wrap:anywhere}
.amount{font-size:1.75rem;font-weight:700}
button{display:block;width:100%;min-height:3rem;margin:0 0 1rem;padding:.5rem 1rem;font:inherit;border:2px solid #0b0c0c;
background:#fff;color:#0b0c0c;cursor:pointer}
button.main{background:#00703c;border-color:#00703c;color:#fff;font-weight:700}
button:focus{outline:4px solid #fd0;outline-offset:0;box-shadow:0 0 0 6px #0b0c0c}
</style>
</head>
<body>
<main>
{{if .Problem}}<h1>Không thể thanh toán</h1>
<p role="alert">{{.Problem}}</p>
<p>Hãy quay lại trang dịch vụ công và bắt đầu thanh toán lại.</p>
{{else}}<h1>Thanh toán qua VNPAY (mô phỏng)</h1>
<p class="note">Đây là trang thử nghiệm. Không có tiền thật được chuyển.</p>
<dl>
<dt>Số tiền</dt><dd class="amount">{{.Amount}}</dd>
<dt>Nội dung</dt><dd>{{.Info}}</dd>
<dt>Mã giao dịch</dt><dd>{{.Reference}}</dd>
<dt>Đơn vị nhận</dt><dd>{{.Terminal}}</dd>
<dt>Thanh toán trước</dt><dd>{{.Until}}</dd>
</dl>
<form method="post">
<input type="hidden" name="reference" value="{{.Reference}}">
<button class="main" name="button" value="succeed">Thanh toán thành công</button>
<button name="button" value="poor">Không đủ số dư</button>
<button name="button" value="cancel">Hủy</button>
</form>
{{end}}</main>
</body>
</html>
`
