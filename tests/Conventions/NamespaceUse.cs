using System.Reflection;
using System.Reflection.Emit;
using System.Runtime.Loader;

namespace AdaptiveKv.Conventions;

/// <summary>That a type of one namespace uses a type of another one of the same assembly, as the compiler left it: in what it derives from, declares, calls and creates.</summary>
/// <param name="From">The using namespace.</param>
/// <param name="To">The used one.</param>
/// <param name="Example">Names of the two types.</param>
internal sealed record NamespaceUse(string From, string To, string Example)
{
    private const BindingFlags Declared = BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly;

    private static readonly Dictionary<short, OpCode> Instructions =
        typeof(OpCodes).GetFields().Select(field => (OpCode)field.GetValue(null)!).ToDictionary(code => code.Value);

    /// <summary>All of an assembly's, with one example for each pair.</summary>
    /// <param name="path">The assembly; what it references is looked for beside it.</param>
    public static IReadOnlyList<NamespaceUse> Of(string path)
    {
        AssemblyLoadContext context = new(path);
        context.Resolving += (_, name) => Beside(context, path, name);
        Assembly assembly = context.LoadFromAssemblyPath(path);
        return
        [
            .. from user in assembly.GetTypes()
               where user.Namespace is not null
               from used in Used(user).SelectMany(Parts).Distinct()
               where used.Assembly == assembly && used.Namespace is not null && used.Namespace != user.Namespace
               group $"{Outermost(user).Name} -> {Outermost(used).Name}" by (user.Namespace, used.Namespace) into pair
               select new NamespaceUse(pair.Key.Item1!, pair.Key.Item2!, pair.Min()!),
        ];
    }

    private static Assembly? Beside(AssemblyLoadContext context, string path, AssemblyName name)
    {
        string file = Path.Combine(Path.GetDirectoryName(path)!, $"{name.Name}.dll");
        return File.Exists(file) ? context.LoadFromAssemblyPath(file) : null;
    }

    private static Type Outermost(Type type) => type.DeclaringType is { } outer ? Outermost(outer) : type;

    // The types a type is made of: elements of arrays and pointers, arguments of generic types.
    private static IEnumerable<Type> Parts(Type type) => type switch
    {
        { HasElementType: true } => Parts(type.GetElementType()!),
        { IsGenericParameter: true } => [],
        { IsConstructedGenericType: true } => type.GetGenericArguments().SelectMany(Parts).Append(type.GetGenericTypeDefinition()),
        _ => [type],
    };

    private static IEnumerable<Type> Used(Type type) =>
    [
        .. type.BaseType is { } origin ? [origin] : Array.Empty<Type>(),
        .. type.GetInterfaces(),
        .. Attributes(type),
        .. type.IsGenericTypeDefinition ? type.GetGenericArguments().SelectMany(argument => argument.GetGenericParameterConstraints()) : [],
        .. type.GetFields(Declared).Select(field => field.FieldType),
        .. type.GetMethods(Declared).Cast<MethodBase>().Concat(type.GetConstructors(Declared)).SelectMany(Used),
    ];

    private static IEnumerable<Type> Attributes(MemberInfo member) => member.GetCustomAttributesData().SelectMany(attribute =>
        attribute.ConstructorArguments.Concat(attribute.NamedArguments.Select(named => named.TypedValue)).SelectMany(Values).Append(attribute.AttributeType));

    private static IEnumerable<Type> Values(CustomAttributeTypedArgument argument) => argument.Value switch
    {
        Type type => [type],
        IEnumerable<CustomAttributeTypedArgument> several => several.SelectMany(Values),
        _ => [argument.ArgumentType],
    };

    private static IEnumerable<Type> Used(MethodBase method) =>
    [
        .. Attributes(method),
        .. method.GetParameters().Select(parameter => parameter.ParameterType),
        .. method is MethodInfo { ReturnType: var result } ? [result] : Array.Empty<Type>(),
        .. method.IsGenericMethodDefinition ? method.GetGenericArguments().SelectMany(argument => argument.GetGenericParameterConstraints()) : [],
        .. method.GetMethodBody() is { } body
            ? [.. body.LocalVariables.Select(local => local.LocalType), .. Members(method, body.GetILAsByteArray()!).SelectMany(Named)]
            : Array.Empty<Type>(),
    ];

    private static IEnumerable<Type> Named(MemberInfo member) =>
    [
        .. member is Type type ? [type] : member.DeclaringType is { } declaring ? [declaring] : Array.Empty<Type>(),
        .. member is MethodInfo { IsGenericMethod: true } method ? method.GetGenericArguments() : [],
    ];

    // What the instructions name by token.
    private static IEnumerable<MemberInfo> Members(MethodBase method, byte[] body)
    {
        Type[]? ofType = method.DeclaringType is { IsGenericType: true } generic ? generic.GetGenericArguments() : null;
        Type[]? ofMethod = method.IsGenericMethod ? method.GetGenericArguments() : null;
        for (int at = 0; at < body.Length;)
        {
            short value = body[at] == 0xFE ? unchecked((short)(0xFE00 | body[at + 1])) : body[at];
            OpCode code = Instructions[value];
            at += code.Size;
            switch (code.OperandType)
            {
                case OperandType.InlineType or OperandType.InlineMethod or OperandType.InlineField or OperandType.InlineTok:
                    yield return method.Module.ResolveMember(BitConverter.ToInt32(body, at), ofType, ofMethod)!;
                    at += sizeof(int);
                    break;
                case OperandType.InlineSwitch:
                    at += sizeof(int) * (1 + BitConverter.ToInt32(body, at));
                    break;
                default:
                    at += code.OperandType switch
                    {
                        OperandType.InlineNone => 0,
                        OperandType.ShortInlineBrTarget or OperandType.ShortInlineI or OperandType.ShortInlineVar => 1,
                        OperandType.InlineVar => 2,
                        OperandType.InlineI8 or OperandType.InlineR => 8,
                        _ => 4,
                    };
                    break;
            }
        }
    }
}
