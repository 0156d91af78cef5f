package judge

import (
	"fmt"
	"time"

	"github.com/motcua/motcua/qr"
	"github.com/motcua/motcua/qr/vietqr"
)

var vietnam = time.FixedZone("+07", 7*60*60)

func minute(at time.Time) string { return at.In(vietnam).Format("02/01/2006 15:04") }

// age says how old a list is: in days, or in hours on its first day.
func age(d time.Duration, lang string) string {
	switch {
	case d < 0:
		return word(lang, "age.future")
	case d < 24*time.Hour:
		return fmt.Sprintf(word(lang, "age.hours"), int(d/time.Hour))
	}
	return fmt.Sprintf(word(lang, "age.days"), int(d/(24*time.Hour)))
}

// cardRows is a card in the order of its fields, under names the catalogue knows.
type cardRows struct {
	Number    string   `json:"number"`
	OldNumber string   `json:"oldNumber,omitempty"`
	FullName  string   `json:"fullName"`
	Birth     string   `json:"birth"`
	Sex       string   `json:"sex"`
	Residence string   `json:"residence"`
	Issued    string   `json:"issued"`
	Extra     []string `json:"extra,omitempty"`
}

func plainCard(c qr.CardData) cardRows {
	rows := cardRows{Number: c.Number, OldNumber: c.OldNumber, FullName: c.FullName, Birth: c.Birth.In(vietnam).Format("02/01/2006"),
		Sex: "Nam", Residence: c.Residence, Issued: c.Issued.In(vietnam).Format("02/01/2006")}
	if c.Female {
		rows.Sex = "Nữ"
	}
	for _, extra := range c.Extra {
		if extra != "" {
			rows.Extra = append(rows.Extra, extra)
		}
	}
	return rows
}

// paymentRows is a payment code in the order a payer reads it.
type paymentRows struct {
	Bank      string `json:"bank,omitempty"`
	Account   string `json:"account,omitempty"`
	Merchant  string `json:"merchant,omitempty"`
	Payee     string `json:"payee,omitempty"`
	Amount    int64  `json:"amount,omitempty"`
	Bill      string `json:"bill,omitempty"`
	Reference string `json:"reference,omitempty"`
	Purpose   string `json:"purpose,omitempty"`
	Warning   string `json:"warning"`
}

func plainPayment(p vietqr.Payload, lang string) paymentRows {
	return paymentRows{p.Bank, p.Account, p.Merchant, p.Name, p.Amount, p.Bill, p.Reference, p.Purpose,
		word(lang, "payment.warning")}
}

// word returns the label of a member. One that is not in the catalogue is shown by its own name: hiding what is signed
// would be worse than an untranslated word.
func word(lang, code string) string {
	entry, ok := words[code]
	switch {
	case !ok:
		return code
	case lang == "en":
		return entry[1]
	}
	return entry[0]
}

var words = map[string][2]string{
	"dossier":         {"Mã hồ sơ", "Dossier code"},
	"procedure":       {"Mã thủ tục", "Procedure"},
	"subject":         {"Người được cấp", "Holder"},
	"nameCode":        {"Mã giấy tờ", "Paper, by code"},
	"name":            {"Tên giấy tờ", "Paper"},
	"source":          {"Hệ thống nguồn", "Source system"},
	"published":       {"Công bố lúc", "Published"},
	"due":             {"Hẹn trả", "Due"},
	"validFrom":       {"Hiệu lực từ", "Valid from"},
	"validUntil":      {"Hiệu lực đến", "Valid until"},
	"scope":           {"Phạm vi", "Scope"},
	"document":        {"Mã băm của văn bản", "Digest of the document"},
	"issuedAt":        {"Mã cấp lúc", "Code issued"},
	"expires":         {"Mã hết hạn", "Code expires"},
	"issuer":          {"Cơ quan cấp", "Issuer"},
	"list":            {"Danh sách tin cậy", "Trust list"},
	"status":          {"Danh sách thu hồi", "Status list"},
	"number":          {"Số định danh", "Personal number"},
	"oldNumber":       {"Số CMND cũ", "Old number"},
	"fullName":        {"Họ và tên", "Full name"},
	"birth":           {"Ngày sinh", "Date of birth"},
	"sex":             {"Giới tính", "Sex"},
	"residence":       {"Nơi cư trú", "Residence"},
	"issued":          {"Ngày cấp", "Issued"},
	"extra":           {"Trường khác", "Other fields"},
	"bank":            {"Ngân hàng (BIN)", "Bank (BIN)"},
	"account":         {"Tài khoản, thẻ", "Account or card"},
	"merchant":        {"Mã đơn vị", "Merchant"},
	"payee":           {"Người nhận", "Payee"},
	"amount":          {"Số tiền (đồng)", "Amount (đồng)"},
	"bill":            {"Hóa đơn", "Bill"},
	"reference":       {"Tham chiếu", "Reference"},
	"purpose":         {"Nội dung chuyển tiền", "Purpose"},
	"payment.warning": {"Mã chỉ là lời đề nghị trả tiền, không chứng minh người nhận là cơ quan nào.", "The code only asks for money; it does not prove that an agency is paid."},
	"scheme":          {"Loại mã", "Scheme"},
	"claimedIssuer":   {"Tự xưng do", "Claims to be issued by"},
	"foreign.warning": {"Mã có chữ ký của hệ thống khác; trang này không có khóa để kiểm tra.", "The code is signed under another scheme; this page has no key to check it."},
	"link":            {"Liên kết đến", "Link to"},
	"warning":         {"Cảnh báo", "Warning"},
	"link.warning":    {"Mã chỉ chứa một liên kết, không chứng minh được gì. Chỉ mở khi bạn biết chắc địa chỉ này.", "The code is only a link and proves nothing. Open it only if you are sure of the address."},
	"text":            {"Nội dung", "Text"},
	"age.hours":       {"%d giờ tuổi", "%d hours old"},
	"age.days":        {"%d ngày tuổi", "%d days old"},
	"age.future":      {"đề ngày trong tương lai", "dated in the future"},
}
