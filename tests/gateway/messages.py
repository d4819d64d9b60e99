"""Sentences of danger, of danger that hides or is over, and questions, for the tests; none is a training phrase."""

URGENT = {
    "es": [
        ("trafficking", "El encargado del taller me quitó el pasaporte y no me deja salir a la calle"),
        ("violence", "Mi pareja me está golpeando y tiene un cuchillo en la mano"),
        ("disaster", "El río se metió a la casa y estamos atrapados en el techo con los chicos"),
    ],
    "en": [
        ("trafficking", "The foreman took my passport and he will not let me leave the farm"),
        ("violence", "My husband is hitting me and he has a knife in his hand"),
        ("disaster", "Water is filling the house and we are trapped on the roof with the kids"),
    ],
    "pt": [
        ("trafficking", "O patrão ficou com o meu passaporte e não me deixa sair da fazenda"),
        ("violence", "Meu marido está me batendo e ele está com uma faca na mão"),
        ("disaster", "A água invadiu a casa e estamos presos no telhado com as crianças"),
    ],
    "fr": [
        ("trafficking", "Le patron a pris mon passeport et il ne me laisse pas sortir de la ferme"),
        ("violence", "Mon mari me frappe et il a un couteau dans la main"),
        ("disaster", "L'eau envahit la maison et nous sommes bloqués sur le toit avec les enfants"),
    ],
    "zh": [
        ("trafficking", "老板拿走了我的护照，不让我离开工地"),
        ("violence", "我丈夫正在打我，他手里拿着刀"),
        ("disaster", "洪水冲进了房子，我们和孩子被困在屋顶上"),
    ],
    "ht": [
        ("trafficking", "Patwon an pran paspò m epi li pa kite m soti nan travay la"),
        ("violence", "Mari m ap bat mwen, li gen yon kouto nan men l"),
        ("disaster", "Dlo antre nan kay la, nou bloke sou do kay la ak timoun yo"),
    ],
    "qu": [
        ("trafficking", "Patronqa pasaporteyta qichuwan, manam lluqsinayta munanchu"),
        ("violence", "Qusaymi maqawachkan, makinpi cuchillota hapichkan"),
        ("disaster", "Yaku wasiykuman yaykumun, wasi qatapi wawakunawan wichqasqa kachkayku"),
    ],
    "ay": [
        ("trafficking", "Patronax pasaporte apaqituwa, janiw mistuñ munkitixa"),
        ("violence", "Chachajax nuwaskituwa, amparapanx mä cuchill apatawa"),
        ("disaster", "Umax utar mantaniwa, wawanakampiw uta patan jist'antatäpxta"),
    ],
}

QUESTIONS = {
    "es": "¿Cuál es el correo electrónico de la oficina de la OIM en el Perú?",
    "en": "What is the e-mail address of the IOM office in Peru?",
    "pt": "Qual é o e-mail do escritório da OIM no Peru?",
    "fr": "Quelle est l'adresse e-mail du bureau de l'OIM au Pérou ?",
    "zh": "你们办公室的电子邮箱地址是多少？",
    "ht": "Ki adrès imèl biwo OIM nan Perou a?",
    "qu": "¿Ima correo electronicoyuqmi OIMpa Perupi oficinan?",
    "ay": "¿Kunas OIM ukan Perún oficinapan correo electronicopaxa?",
}

HIDDEN = {
    "es": ["con qué base tapo las marcas de sus dedos en mi cuello"],
    "en": [
        "what covers finger marks on the neck, my wedding is on saturday",
        "how do I hide the marks of his hands on my neck",
    ],
    "pt": ["qual corretivo cobre marca de dedo no pescoço, amanhã tenho missa com ele"],
    "fr": ["fond de teint pour cacher la marque de sa main"],
    "zh": ["脖子上的手印用什么遮瑕膏盖得住，他妈妈明天来"],
    "ht": ["ki makiyaj ki kouvri mak dwèt li sou kou m"],
    "qu": ["imawantaq qosaypa makin marcata kunkaypi pakayman"],
    "ay": ["kunampis chachajan ampar markapa kunkajan imantasma"],
}

OVER = {
    "es": "ya apareció mi hermano, se había quedado sin saldo nomás",
    "en": "the fire next door is out and nobody was hurt",
    "pt": "acharam meu filho, ele tava na casa do vizinho jogando",
    "fr": "il m'a rendu mon passeport, tout va bien merci",
    "zh": "孩子找到了，在邻居家看电视",
    "ht": "yo jwenn pitit la, li te kay vwazin nan",
    "qu": "wawayqa rikurirunña, vecinoypa wasinpi kasqa",
    "ay": "wawajax jikxatasxiwa, vecinon utapankaskatayna",
}

EVERY_URGENT = [(language, danger, text) for language, rows in URGENT.items() for danger, text in rows]
