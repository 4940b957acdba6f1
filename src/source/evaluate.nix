# What one request, given as JSON, asks of a Nix file or a flake. The answer is printed as JSON, so nothing in it may be
# more than text, numbers and lists of them.
{ request }:
let
  inherit (builtins) all attrNames attrValues concatMap deepSeq elem elemAt filter fromJSON functionArgs genList getFlake
    groupBy head intersectAttrs isAttrs isFunction isList isString length listToAttrs map mapAttrs parseDrvName tail toString
    tryEval typeOf;

  asked = fromJSON request;
  isListing = asked ? list;

  isDerivation = value: isAttrs value && value ? type && value.type == "derivation";

  place =
    if asked ? tarball then fetchTarball asked.tarball
    else if asked ? file then /. + asked.file
    else builtins.findFile builtins.nixPath asked.searchPath;

  # What the file or the flake is.
  whole =
    if asked ? flake then (getFlake asked.flake).outputs
    else let file = import place; in if isFunction file then file { } else file;

  # A file that is one package offers it under the name that flakes use, and a list has its items by their names.
  root =
    if isDerivation whole then { default = whole; }
    else if isList whole then itemsByName whole
    else whole;

  itemsByName = items:
    let names = itemNames items; in
    listToAttrs (genList (at: { name = elemAt names at; value = elemAt items at; }) (length items));

  # Of items with one name the second gets `-1`, as the elements of a profile do.
  itemNames = items:
    let
      names = genList (at: itemName at (elemAt items at)) (length items);
      places = placesOf names;
      unique = at:
        let
          name = elemAt names at;
          before = length (filter (other: other < at) places.${name});
        in
        if before == 0 then name else "${name}-${toString before}";
    in
    genList unique (length items);

  itemName = at: item:
    if isDerivation item then (parseDrvName item.name).name
    else throw "item ${toString (at + 1)} of the list is no package, but of the type ${typeOf item}";

  # The places of each text in a list.
  placesOf = texts: mapAttrs (_: map (it: it.at)) (groupBy (it: it.text)
    (genList (at: { inherit at; text = elemAt texts at; }) (length texts)));

  # As nix-env does: a function on the way is called if all its arguments have defaults.
  called = value:
    let arguments = functionArgs value; in
    if isFunction value && arguments != { } && all (hasDefault: hasDefault) (attrValues arguments)
    then value { }
    else value;

  # The value at a path as the only item of a list; an empty list if there is none.
  find = path: value:
    if length path == 0 then [ value ]
    else if isAttrs value && value ? ${head path} then find (tail path) (called value.${head path})
    else [ ];

  names = map
    (prefix: concatMap (value: if isAttrs value then attrNames value else [ ]) (find prefix root))
    asked.prefixes;

  # What lies at the path below the first of the prefixes where there is something.
  first = { prefixes, path }:
    if length prefixes == 0 then null
    else
      let found = find (head prefixes ++ path) root; in
      if length found == 0 then first { inherit path; prefixes = tail prefixes; }
      else { prefix = head prefixes; found = describe (head found); };

  # The same, and nothing where that throws.
  firstGood = question:
    let
      found = first question;
      evaluated = tryEval (deepSeq found found);
    in
    if evaluated.success then evaluated.value else null;

  describe = value:
    if isDerivation value then { package = record value; }
    else if isAttrs value then { set = attrNames value; }
    else { other = typeOf value; };

  # What each name in a set is, as nix-env lists it: functions are not called, and only sets that ask for it are
  # descended into. What throws is told as such; other failures end the whole evaluation.
  list = { path, names, isDeep }: concatMap (set: map (listed isDeep set) names) (find path root);

  listed = isDeep: set: name:
    let
      value = set.${name};
      found =
        if !(set ? ${name}) then "nothing"
        else if isDerivation value then { package = record value; }
        else if isDeep && isAttrs value && value.recurseForDerivations or false == true then { set = attrNames value; }
        else "nothing";
      evaluated = tryEval (deepSeq found found);
    in
    if evaluated.success then evaluated.value else "throws";

  # A listing leaves out what takes long: the paths, for which the derivation would have to be made.
  record = value:
    let
      text = name: if value ? ${name} && isString value.${name} then value.${name} else "";
      path = output: if isListing then null else toString output.outPath;
      output = name:
        if value ? ${name} && value.${name} ? outPath then [{ inherit name; path = path value.${name}; }]
        else [ ];
      hasMeta = tryEval (isAttrs (value.meta or null));
      meta = if hasMeta.success && hasMeta.value then value.meta else { };
    in
    {
      name = if isString value.name then value.name else throw "its name is no text";
      pname = text "pname";
      version = text "version";
      system = text "system";
      derivation = if isListing then "" else toString (value.drvPath or "");
      outputs =
        if value ? outputs then concatMap output value.outputs
        else [{ name = "out"; path = path value; }];
      selected = if value.outputSpecified or false == true then text "outputName" else null;
      # As pairs: a set that has an outPath would be printed as that path alone.
      meta = map (name: { inherit name; value = shortened name meta.${name}; })
        (filter (name: let kept = tryEval (isKept meta.${name}); in kept.success && kept.value)
          (attrNames (if isListing then intersectAttrs shown meta else meta)));
    };

  # What a row shows of meta, and what names a licence.
  shown = {
    description = 0; longDescription = 0; homepage = 0; license = 0; outputsToInstall = 0; mainProgram = 0; priority = 0;
    broken = 0; unfree = 0; insecure = 0; unsupported = 0;
  };
  shownOfLicense = { spdxId = 0; shortName = 0; fullName = 0; licenses = 0; license = 0; exception = 0; };
  shortened = name: value:
    if !isListing || name != "license" then value
    else if isList value then map (shortened name) value
    else if isAttrs value then intersectAttrs shownOfLicense value
    else value;

  # What nix-env keeps of meta (Nix, src/libexpr/get-drvs.cc, checkMeta): all or nothing of each attribute.
  isKept = value:
    let type = typeOf value; in
    if type == "list" then all isKept value
    else if type == "set" then !(value ? outPath) && all isKept (attrValues value)
    else elem type [ "bool" "float" "int" "string" ];
in
if asked ? where then { system = builtins.currentSystem; place = toString place; }
else if isListing then map list asked.list
else if asked ? paths then map (if asked.isLenient then firstGood else first) asked.paths
else if asked ? whole then {
  type = if isDerivation whole then "derivation" else typeOf whole;
  items = if isList whole then itemNames whole else [ ];
  package =
    if asked ? flake || isDerivation whole then first { inherit (asked) prefixes; path = [ "default" ]; } else null;
}
else { inherit names; type = typeOf root; }
