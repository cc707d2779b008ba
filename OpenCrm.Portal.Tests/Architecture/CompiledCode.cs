using System.Reflection;
using Mono.Cecil;

namespace OpenCrm.Portal.Tests.Architecture;

internal readonly record struct Call(string Type, string Method);

/// <summary>A compiled type with everything nested in it: the compiler turns lambdas, async bodies and iterators into nested types.</summary>
internal sealed class CompiledType
{
    private readonly HashSet<string> _knows = [];
    private readonly HashSet<Call> _calls = [];

    public CompiledType(TypeDefinition definition, Type type)
    {
        Type = type;
        Read(definition);
    }

    public Type Type { get; }

    public string Name => Type.FullName!;

    /// <summary>Full names of all types that it mentions anywhere; generic types as their definition, without arguments.</summary>
    public IReadOnlySet<string> Knows => _knows;

    public IReadOnlySet<Call> Calls => _calls;

    public static IReadOnlyList<CompiledType> AllOf(Assembly assembly)
    {
        using var module = ModuleDefinition.ReadModule(assembly.Location);
        return [.. module.Types
            .Where(definition => definition.Name != "<Module>" && assembly.GetType(definition.FullName) is not null)
            .Select(definition => new CompiledType(definition, assembly.GetType(definition.FullName)!))];
    }

    private void Read(TypeDefinition definition)
    {
        Know(definition.BaseType);
        Know(definition.CustomAttributes);
        foreach (var implemented in definition.Interfaces)
            Know(implemented.InterfaceType);
        foreach (var parameter in definition.GenericParameters)
            Know(parameter);
        foreach (var field in definition.Fields)
        {
            Know(field.FieldType);
            Know(field.CustomAttributes);
        }
        foreach (var property in definition.Properties)
            Know(property.CustomAttributes);
        foreach (var method in definition.Methods)
            Read(method);
        foreach (var nested in definition.NestedTypes)
            Read(nested);
    }

    private void Read(MethodDefinition method)
    {
        Know(method.ReturnType);
        Know(method.CustomAttributes);
        foreach (var parameter in method.Parameters)
        {
            Know(parameter.ParameterType);
            Know(parameter.CustomAttributes);
        }
        foreach (var parameter in method.GenericParameters)
            Know(parameter);
        if (!method.HasBody)
            return;
        foreach (var variable in method.Body.Variables)
            Know(variable.VariableType);
        foreach (var handler in method.Body.ExceptionHandlers)
            Know(handler.CatchType);
        foreach (var instruction in method.Body.Instructions)
            Know(instruction.Operand);
    }

    private void Know(object? operand)
    {
        switch (operand)
        {
            case TypeReference type:
                Know(type);
                break;
            case FieldReference field:
                Know(field.DeclaringType);
                Know(field.FieldType);
                break;
            case MethodReference method:
                Know(method.DeclaringType);
                if (method is GenericInstanceMethod generic)
                    foreach (var argument in generic.GenericArguments)
                        Know(argument);
                _calls.Add(new Call(method.DeclaringType.GetElementType().FullName.Replace('/', '+'), method.Name));
                break;
        }
    }

    private void Know(IEnumerable<CustomAttribute> attributes)
    {
        foreach (var attribute in attributes)
        {
            Know(attribute.AttributeType);
            foreach (var argument in attribute.ConstructorArguments)
                Know(argument.Value as TypeReference);
        }
    }

    private void Know(GenericParameter parameter)
    {
        foreach (var constraint in parameter.Constraints)
            Know(constraint.ConstraintType);
    }

    private void Know(TypeReference? type)
    {
        switch (type)
        {
            case null or GenericParameter:
                break;
            case GenericInstanceType generic:
                Know(generic.ElementType);
                foreach (var argument in generic.GenericArguments)
                    Know(argument);
                break;
            case TypeSpecification specified:
                Know(specified.ElementType);
                break;
            default:
                _knows.Add(type.FullName.Replace('/', '+'));
                break;
        }
    }
}
