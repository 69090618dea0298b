Option Explicit
Option Private Module

' One Python process serves every workbook of this Excel. Arguments go to it as values, never as ranges, and
' nothing else does: Python asks Excel nothing back while Excel calculates.

Private Const FunctionModule As String = "cpa_xl.excel.server"
Private Const RibbonModule As String = "cpa_xl.excel.ribbon"
Private Const WaitAfterFailure As Double = 60 ' seconds: a sheet of 200 cells must not try 200 times

Private python As Object
Private failure As String
Private failedAt As Double

' The answer of a cell function: a value, an error, or an array of both.
Public Function CpaAnswer(ByVal functionName As String, ByVal arguments As Variant) As Variant
    Dim again As Boolean
    On Error GoTo Failed
Ask:
    CpaAnswer = CpaShown(CpaPython().CallUDF(FunctionModule, functionName, arguments))
    Exit Function
Failed:
    If Not again And CpaIsGone(Err.Number) Then
        again = True
        Set python = Nothing
        Resume Ask
    End If
    CpaAnswer = CVErr(2015)
End Function

' Does what a button asks for. Python answers with what there is to say, or with nothing.
Public Sub CpaAct(ByVal action As String, ByVal book As Workbook)
    Dim again As Boolean
    Dim message As String
    On Error GoTo Failed
    failedAt = 0
Ask:
    With CpaPython()
        message = .Str(.Call(.Module(RibbonModule), "press", .Tuple(action, book, CpaVersion)))
    End With
    If Len(message) > 0 Then MsgBox message, vbInformation, "CPA scorecard"
    Exit Sub
Failed:
    If Not again And CpaIsGone(Err.Number) Then
        again = True
        Set python = Nothing
        Resume Ask
    End If
    MsgBox "Python could not be asked: " & Err.Description & vbLf & vbLf & _
        "The command  cpa_xl addin status  says what is missing.", vbExclamation, "CPA scorecard"
End Sub

' The running Python process, started where none runs.
Private Function CpaPython() As Object
    If python Is Nothing Then
        If failedAt > 0 And Abs(Timer - failedAt) < WaitAfterFailure Then Err.Raise vbObjectError + 1, , failure
        On Error GoTo Failed
        Set python = XLPy()
        failedAt = 0
    End If
    Set CpaPython = python
    Exit Function
Failed:
    failure = Err.Description
    failedAt = Timer
    Err.Raise vbObjectError + 1, , failure
End Function

' Whether an error means that the process has gone: no such server, disconnected, unavailable, failed, died.
Private Function CpaIsGone(ByVal number As Long) As Boolean
    Select Case number
        Case 462, &H80010007, &H80010012, &H80010108, &H800706BA, &H800706BE, &H80010105
            CpaIsGone = True
    End Select
End Function

' An argument as Python takes it: the value of a cell, rows of values, or nothing where it was left out.
Public Function CpaValue(Optional ByRef given As Variant) As Variant
    Dim cells As Range
    If IsMissing(given) Then Exit Function
    If Not IsObject(given) Then
        CpaValue = given
        Exit Function
    End If
    If Not TypeOf given Is Range Then
        CpaValue = CVErr(2015)
        Exit Function
    End If
    Set cells = given
    If cells.Areas.Count > 1 Then
        CpaValue = CVErr(2015)
        Exit Function
    End If
    If cells.Rows.Count = cells.Worksheet.Rows.Count Or cells.Columns.Count = cells.Worksheet.Columns.Count Then
        Set cells = Application.Intersect(cells, cells.Worksheet.UsedRange)
        If cells Is Nothing Then Exit Function
    End If
    CpaValue = cells.Value2
End Function

' Python's answer as a cell takes it. Numbers come as Doubles; a Long stands for an error, by its number.
Public Function CpaShown(ByVal answer As Variant) As Variant
    Dim row As Long
    Dim column As Long
    Select Case CpaDimensions(answer)
        Case 0
            If VarType(answer) = vbLong Then answer = CVErr(answer And &HFFFF&)
        Case 1
            For row = LBound(answer) To UBound(answer)
                If VarType(answer(row)) = vbLong Then answer(row) = CVErr(answer(row) And &HFFFF&)
            Next row
        Case 2
            For row = LBound(answer, 1) To UBound(answer, 1)
                For column = LBound(answer, 2) To UBound(answer, 2)
                    If VarType(answer(row, column)) = vbLong Then
                        answer(row, column) = CVErr(answer(row, column) And &HFFFF&)
                    End If
                Next column
            Next row
    End Select
    CpaShown = answer
End Function

' 0 for a single value, 1 for one row, 2 for rows and columns.
Private Function CpaDimensions(ByRef answer As Variant) As Long
    If Not IsArray(answer) Then Exit Function
    CpaDimensions = 1
    On Error GoTo OneRow
    If UBound(answer, 2) >= LBound(answer, 2) Then CpaDimensions = 2
OneRow:
End Function

' Repairs a workbook that has just been opened, where it needs that.
Public Sub CpaMend(ByVal book As Workbook)
    On Error GoTo Done ' what cannot be looked at stays as it is; the button Repair links says why
    If book Is ThisWorkbook Then Exit Sub
    If CpaLinkedElsewhere(book) Then
        CpaAct "repair_links", book
    ElseIf CpaShowsNoName(book) Then
        CpaAct "repair_links", book
    End If
Done:
End Sub

' Whether a workbook takes the functions from an add-in of our name in another folder.
Private Function CpaLinkedElsewhere(ByVal book As Workbook) As Boolean
    Dim links As Variant
    Dim place As Long
    links = book.LinkSources(1)
    If IsEmpty(links) Then Exit Function
    For place = LBound(links) To UBound(links)
        If LCase$(Right$(links(place), Len(ThisWorkbook.Name) + 1)) = "\" & LCase$(ThisWorkbook.Name) Then
            If LCase$(links(place)) <> LCase$(ThisWorkbook.FullName) Then CpaLinkedElsewhere = True
        End If
    Next place
End Function

' Whether a cell that calls one of the functions shows #NAME?.
Private Function CpaShowsNoName(ByVal book As Workbook) As Boolean
    Dim sheet As Worksheet
    Dim cell As Range
    For Each sheet In book.Worksheets
        If Not CpaErrors(sheet) Is Nothing Then
            For Each cell In CpaErrors(sheet)
                If CStr(cell.Value2) = CStr(CVErr(2029)) And InStr(1, cell.Formula, "CPA_", vbTextCompare) > 0 Then
                    CpaShowsNoName = True
                    Exit Function
                End If
            Next cell
        End If
    Next sheet
End Function

' The cells of a sheet whose formulas show errors.
Private Function CpaErrors(ByVal sheet As Worksheet) As Range
    On Error Resume Next
    Set CpaErrors = sheet.UsedRange.SpecialCells(-4123, 16)
End Function
