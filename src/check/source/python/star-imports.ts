/** What modules bring that many take everything of: of two of these, only one has a name. */

const NAMES: ReadonlyMap<string, RegExp> = new Map([
  [
    'os',
    /^(?:system|popen|exec[lv]p?e?|spawn[lv]p?e?|posix_spawnp?|startfile|environb?|getenv|putenv|path|sep|listdir|scandir|walk|f?open|remove|unlink|rename|renames|replace|rmdir|mkdir|makedirs|removedirs|f?chmod|f?chown|f?stat|link|symlink|readlink|access|kill|getcwd|chdir|urandom|umask|name)$/,
  ],
  [
    'os.path',
    /^(?:join|exists|isfile|isdir|basename|dirname|realpath|abspath|normpath|split|splitext|commonpath|getsize|expanduser|relpath)$/,
  ],
  [
    'subprocess',
    /^(?:run|call|check_call|check_output|Popen|PIPE|STDOUT|DEVNULL|getoutput|getstatusoutput|CalledProcessError|TimeoutExpired)$/,
  ],
  ['pickle', /^(?:loads?|dumps?|Unpickler|Pickler|UnpicklingError|PickleError)$/],
  ['marshal', /^(?:loads?|dumps?)$/],
  [
    'yaml',
    /^(?:(?:unsafe_|full_|safe_)?load(?:_all)?|(?:safe_)?dump(?:_all)?|C?(?:Safe|Full|Unsafe|Base)?Loader|\w*Dumper|YAMLError)$/,
  ],
  [
    'random',
    /^(?:choices?|randint|random|randrange|getrandbits|sample|randbytes|shuffle|uniform|seed|Random|SystemRandom)$/,
  ],
  ['hashlib', /^(?:md5|sha\w+|new|blake2[bs]|pbkdf2_hmac|scrypt|file_digest)$/],
  ['shutil', /^(?:rmtree|copy\w*|move|make_archive|unpack_archive|which|disk_usage)$/],
  ['tempfile', /^(?:mktemp|mkstemp|mkdtemp|NamedTemporaryFile|TemporaryFile|TemporaryDirectory|gettempdir)$/],
  ['time', /^(?:time|sleep|monotonic|strftime|localtime|gmtime)$/],
  ['math', /^(?:sqrt|sin|cos|tan|pi|e|floor|ceil|log\w*|pow|exp)$/],
  ['typing', /^(?:Any|Optional|Union|List|Dict|Tuple|Set|Callable|Iterable|TYPE_CHECKING|cast)$/],
  ['datetime', /^(?:datetime|date|time|timedelta|timezone|tzinfo)$/],
  ['json', /^(?:loads?|dumps?|JSONDecodeError|JSONDecoder|JSONEncoder)$/],
]);

/** Whether a module brings a name; undefined: nobody knows. */
export function brought(module: string, name: string): boolean | undefined {
  return NAMES.get(module)?.test(name);
}
