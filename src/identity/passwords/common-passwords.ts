/**
 * Words that passwords are made of, written down from common knowledge: the ones that head every published list of
 * leaked passwords, in the languages those lists are in. Long passwords are rarely on a list themselves; they are made
 * of words that are.
 */
const WORDS = `
  password passwort passwords passwd passw0rd motdepasse contrasena contrasenya senha parola wachtwoord haslo heslo
  salasana jelszo sifre losenord adgangskode lozinka geheim secret segredo secreto geheimnis passphrase passcode
  welcome willkommen bienvenue bienvenido benvenuto bemvindo hello hallo bonjour hola ciao goodbye letmein openup
  opensesame sesame enter entrar login logon signin access account admin administrator root toor superuser superman
  sysadmin webmaster operator manager master user username test testing tester test123 temp temporary guest demo
  default changeme changeit change newpass newpassword mypassword mypass yourpassword thepassword nopassword
  qwerty azerty qwertz asdf zxcv qazwsx iloveyou iloveu loveyou ilove loveme lover lovely love forever together
  always babygirl babyboy baby sweetheart sweety sweetie honey darling angel angels princess prince queen king kingdom
  football futbol fussball soccer baseball basketball hockey tennis golf rugby cricket swimming racing skater
  liverpool chelsea arsenal manchester barcelona realmadrid juventus bayern dortmund ajax benfica
  yankees steelers cowboys eagles lakers packers raiders redsox broncos patriots
  monkey dragon tiger lion wolf eagle falcon panther phoenix butterfly dolphin turtle rabbit bunny kitty kitten puppy
  chicken elephant horse pony spider snake shark unicorn penguin panda bear teddy teddybear
  sunshine sunflower sunny rainbow summer winter spring autumn flower flowers purple orange yellow silver golden gold
  diamond crystal chocolate cookie cookies banana cherry strawberry cheese pepper ginger coffee whiskey guinness vodka
  jesus jesuschrist christ christian heaven blessed blessing faith grace godisgood jesuslovesme allah bismillah buddha
  michael michelle jennifer jessica ashley amanda daniel david robert thomas matthew andrew anthony joshua
  charlie william george jordan nicole samantha elizabeth victoria alexander alexandra sophie hannah maria martin
  pedro carlos antonio francisco alejandro andrea roberto marina natasha vladimir sergey
  january february march april june july august september october november december
  monday tuesday wednesday thursday friday saturday sunday birthday christmas holiday vacation
  london paris berlin madrid moscow newyork california texas america canada england france germany deutschland brasil
  mexico australia india pakistan russia ukraine poland italia espana
  batman spiderman superstar starwars startrek skywalker darthvader gandalf matrix terminator jamesbond harrypotter
  pokemon pikachu naruto minecraft fortnite roblox playstation nintendo xbox counterstrike warcraft
  mustang ferrari porsche mercedes corvette camaro harley honda toyota yamaha bmw
  metallica nirvana slipknot eminem beatles blink182 rockstar rocknroll guitar music
  computer internet samsung apple iphone android windows microsoft google facebook yahoo hotmail gmail linkedin
  twitter instagram youtube whatsapp telegram discord amazon server network system database oracle cisco linux ubuntu
  hunter trustno trustno1 whatever nothing anything something everything freedom liberty killer ninja pirate warrior
  hacker hacked shadow ghost magic wizard mystery lucky luckyone happy smile smiley cool awesome
  money dollar million rich boss cheater access14 biteme fuckyou fuckme fuckoff asshole bitch pussy sexy
  mother father mommy daddy sister brother family friend friends bestfriend school college university student teacher
  please thankyou thanks sorry thequickbrownfox quickbrownfox
  tobeornottobe loremipsum abcdefg abc123 aa123456 a1b2c3 a1b2c3d4 one two three onetwothree
`;

/** Words that passwords are made of, lower case, of four characters and more. */
export const COMMON_WORDS: ReadonlySet<string> = new Set(
  WORDS.split(/\s+/).filter((word) => word.length >= 4),
);

/** The length of the longest of them. */
export const LONGEST_COMMON_WORD: number = Math.max(...[...COMMON_WORDS].map((word) => word.length));

const TRACKS: readonly string[] = [
  // QWERTY, AZERTY and QWERTZ, row after row.
  '1234567890qwertyuiopasdfghjklzxcvbnm',
  'azertyuiopqsdfghjklmwxcvbn',
  'qwertzuiopasdfghjklyxcvbnm',
  // Down the columns, straight and there and back.
  '1qaz2wsx3edc4rfv5tgb6yhn7ujm8ik,9ol.0p',
  '1qazxsw23edcvfr45tgbnhy67ujm',
  'zaq12wsxcde34rfvbgt56yhnmju78ik,',
  'qazwsxedcrfvtgbyhnujmikolp',
  // Two rows at once.
  '1q2w3e4r5t6y7u8i9o0p',
  'q1w2e3r4t5y6u7i8o9p0',
  'qawsedrftgyhujikolp',
  // The keypad, and the digit row with shift held down.
  '147258369',
  '789456123',
  '!@#$%^&*()',
  '!"#$%&/()=',
];

/** Ways over a keyboard that fingers take by themselves, in both directions. */
export const KEYBOARD_WALKS: readonly string[] = TRACKS.flatMap((track) => [
  track,
  Array.from(track).toReversed().join(''),
]);
