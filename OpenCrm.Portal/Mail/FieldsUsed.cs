using Fluid;
using Fluid.Ast;

namespace OpenCrm.Portal.Mail;

/// <summary>
/// Collects the fields and filters that a template names, in all its branches, including those that the sample values do not reach.
/// </summary>
internal sealed class FieldsUsed : AstVisitor
{
    private readonly List<string> _fields = [], _filters = [];
    private readonly HashSet<string> _noted = [], _assigned = [], _revealing = [];

    private FieldsUsed() { }

    /// <summary>Each field once, with its parts, such as <c>User.PasswordHash</c>.</summary>
    public IReadOnlyList<string> Fields => _fields;

    public IReadOnlyList<string> Filters => _filters;

    /// <summary>
    /// Fields that are not only shown as they are, but put through a filter, assigned or compared. Each of these can reveal a value in another form.
    /// </summary>
    public IReadOnlySet<string> Revealing => _revealing;

    /// <summary>Variables that the template itself assigns.</summary>
    public IReadOnlySet<string> Assigned => _assigned;

    public static FieldsUsed Of(IFluidTemplate template)
    {
        var used = new FieldsUsed();
        used.VisitTemplate(template);
        return used;
    }

    protected override Statement VisitOutputStatement(OutputStatement outputStatement)
    {
        if (outputStatement.Expression is not MemberExpression { Segments: [IdentifierSegment named] })
            return base.VisitOutputStatement(outputStatement);
        if (_noted.Add(named.Identifier)) _fields.Add(named.Identifier);
        return outputStatement;
    }

    protected override Expression VisitMemberExpression(MemberExpression memberExpression)
    {
        if (memberExpression.Segments is [IdentifierSegment first, ..]) _revealing.Add(first.Identifier);
        var name = string.Join('.', memberExpression.Segments.Select(segment => segment switch
        {
            IdentifierSegment named => named.Identifier,
            IndexerSegment { Expression: LiteralExpression literal } => literal.Value.ToStringValue(),
            _ => "[…]",
        }));
        if (_noted.Add(name)) _fields.Add(name);
        foreach (var segment in memberExpression.Segments)
            if (segment is IndexerSegment { Expression: var index }) Visit(index);
        return memberExpression;
    }

    protected override Expression VisitFilterExpression(FilterExpression filterExpression)
    {
        if (_noted.Add($"|{filterExpression.Name}")) _filters.Add(filterExpression.Name);
        return base.VisitFilterExpression(filterExpression);
    }

    protected override Statement VisitAssignStatement(AssignStatement assignStatement)
    {
        _assigned.Add(assignStatement.Identifier);
        return base.VisitAssignStatement(assignStatement);
    }
}
